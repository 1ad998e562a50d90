"""Excel workbooks (.xlsx), a sheet as a stream of rows.

Read by the guarded parser, not by a library: those that stream do not tell which cells are merged,
and those that do hold a sheet in memory as wide and long as its last cell says it is. Elements as
in ECMA-376, part 1, section 18.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from apps.artifacts.reading.notes import FileRefused

from ..rows import Limits, Reading, Row, Table, cells_of, named_columns
from .workbook import HEADER_WITHIN, Workbook

SHEETS_LOOKED_AT = 50


def read_xlsx(
    stream: BinaryIO,
    filename: str,
    options: dict[str, Any],
    reading: Reading,
    limits: Limits,
    fits: Callable[[list[str]], bool],
) -> Table:
    """The rows of a sheet below its header: the sheet that `options` name, or the first shown one
    whose header `fits`, or that has a header.
    """
    book = Workbook(stream, filename, reading, limits)
    sheet = options.get("sheet") if options.get("sheet") in book.sheets else _usual(book, fits)
    rows = book.rows(sheet)
    first = list(itertools.islice(rows, HEADER_WITHIN))
    place = _header([values for _, values, _ in first])
    if place is None:
        raise FileRefused(
            f"{filename}: the sheet “{sheet}” has no header. Its first row names the columns."
        )
    number, header, _ = first[place]
    names = named_columns(header, limits, filename)
    found = {"sheet": sheet, "sheets": list(book.sheets)}
    below = itertools.chain(first[place + 1 :], rows)
    return Table(names, _below(below, names, number, filename, limits), found)


def _usual(book, fits):
    headed = []
    for sheet in book.shown[:SHEETS_LOOKED_AT] if len(book.shown) > 1 else ():
        with suppress(FileRefused):  # which is told where this sheet is read after all
            top = book.top(sheet)
            place = _header(top)
            if place is not None:
                headed.append(sheet)
                if fits([" ".join(name.split()) for name in top[place]]):
                    return sheet
    return headed[0] if headed else book.shown[0]


def _header(rows):
    """The place of the first row with two cells or more; of one column, the first not empty."""
    filled = [sum(1 for value in values if value.strip()) for values in rows]
    wide = (place for place, count in enumerate(filled) if count > 1)
    return next(wide, next((place for place, count in enumerate(filled) if count), None))


def _below(rows, names, above, filename, limits) -> Iterator[Row]:
    for number, values, continued in rows:
        if number - above > limits.rows:
            raise FileRefused(
                f"{filename} has more than {limits.rows:,} rows. Send it in several files."
            )
        cells, problem = cells_of(names, values)
        merged = frozenset(names[column] for column in continued if column < len(names))
        yield Row(number, cells, merged, problem)
