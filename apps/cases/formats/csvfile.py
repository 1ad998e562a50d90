"""Comma-separated values with any of four delimiters, quotes, and newlines within cells."""

import csv
import itertools
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from apps.artifacts.reading.notes import FileRefused

from .encodings import ENCODINGS, find_encoding, lines_of
from .rows import Limits, Reading, Row, Table, cells_of, named_columns

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_LINES = 300
HEADER_WITHIN = 20
"""Rows in which the header is looked for: some tools write a title above it."""
QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
LINE_END = re.compile(r"\r\n?|\n")


def read_csv(
    stream: BinaryIO, filename: str, options: dict[str, Any], reading: Reading, limits: Limits
) -> Table:
    """The rows below the header; `options` may say encoding and delimiter, else they are found."""
    encoding = options.get("encoding")
    if encoding not in ENCODINGS:
        encoding = find_encoding(stream, filename, reading)
    sample = list(itertools.islice(lines_of(stream, encoding, filename, Reading()), SAMPLE_LINES))
    delimiter, skipped = options.get("delimiter"), 0
    if sample and sample[0].lower().startswith("sep=") and len(sample[0].strip()) == 5:
        delimiter, skipped = sample[0].strip()[4], 1
    if delimiter not in DELIMITERS:
        delimiter = guess_delimiter(sample[skipped:])
    records = _records(lines_of(stream, encoding, filename, reading), delimiter, filename)
    first = list(itertools.islice(records, HEADER_WITHIN))
    place = _header(first, filename)
    number, header = first[place]
    names = named_columns(header, limits, filename)
    return Table(
        names,
        _rows(itertools.chain(first[place + 1 :], records), number, names, filename, limits),
        {"encoding": _plain(encoding), "delimiter": delimiter},
    )


def guess_delimiter(sample: list[str]) -> str:
    """The one that parts the first rows into the same number of columns, and into most."""

    def fits(delimiter):
        widths = [len(row) for row in _tried(sample, delimiter) if row]
        alike = sum(width == widths[0] for width in widths) if widths else 0
        columns = widths[0] if widths else 0
        return (columns > 1, alike * 10 >= len(widths) * 8, columns)

    return max(DELIMITERS, key=fits)


def _tried(sample, delimiter):
    try:
        return list(itertools.islice(csv.reader(sample, delimiter=delimiter), 50))
    except csv.Error:
        return []


def _plain(encoding):
    return "utf-16" if encoding.startswith("utf-16") else encoding


def _records(
    lines: Iterator[str], delimiter: str, filename: str
) -> Iterator[tuple[int, list[str]]]:
    read: list[str] = []
    reader = csv.reader(_noted(lines, read), delimiter=delimiter)
    before = 0
    try:
        for number, record in enumerate(reader, 1):
            # Only a quote without its fellow takes in lines that are rows of their own.
            if (len(read) > 1 or read[0].count('"') % 2) and (line := _stray(read, delimiter)):
                raise FileRefused(
                    f"{filename}, line {before + line:,}: the quote that opens a cell there does "
                    "not close at the end of one. Close it there, and write a quote within twice."
                )
            before = reader.line_num
            read.clear()
            yield number, record
    except csv.Error as error:
        line = before + (_stray(read, delimiter) or 1)
        raise FileRefused(
            f"{filename}, line {line:,}: {error}. A cell holds at most {csv.field_size_limit():,} "
            "characters; probably the quote that opens it is never closed."
        ) from None


def _noted(lines, read):
    """The lines, noted until the record that they belong to is read."""
    for line in lines:
        read.append(line)
        yield line


def _stray(lines, delimiter):
    """The line of a record on which a quote opens a cell that it does not close, or None.

    What closes a cell on a later line stands at its end. On one line text may follow it, as some
    tools write.
    """
    text, at = "".join(lines), 0
    ends = re.compile(rf"{re.escape(delimiter)}|[\r\n]+|\Z")
    while at < len(text):
        quoted = QUOTED.match(text, at)
        closed = quoted.end() if quoted else at
        end = ends.search(text, closed)
        runs_on = quoted and LINE_END.search(quoted[0]) and text[closed : end.start()].strip()
        if runs_on or (text[at] == '"' and not quoted):
            return len(LINE_END.findall(text, 0, at)) + 1
        at = end.end()
    return None


def _header(first, filename):
    """The place of the first row with two cells or more; of one column, the first not empty."""
    filled = [sum(1 for cell in record if cell.strip()) for _, record in first]
    told = [
        place
        for place, (number, record) in enumerate(first)
        if filled[place] and not (number == 1 and record[0].lower().startswith("sep="))
    ]
    if not told:
        raise FileRefused(f"{filename} has no header: its first row names the columns.")
    return next((place for place in told if filled[place] > 1), told[0])


def _rows(records, above, names, filename, limits):
    for number, record in records:
        if number - above > limits.rows:
            raise FileRefused(
                f"{filename} has more than {limits.rows:,} rows. Send it in several files."
            )
        cells, problem = cells_of(names, record)
        yield Row(number, cells, problem=problem)
