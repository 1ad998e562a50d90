"""Excel workbooks (.xlsx), a sheet as a stream of rows.

Read by the guarded parser, not by a library: those that stream do not tell which cells are merged,
and those that do hold a sheet in memory as wide and long as its last cell says it is. Elements as
in ECMA-376, part 1, section 18.
"""

import itertools
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from xml.parsers import expat

from apps.artifacts.reading.guarded_xml import Unreadable, Watch, failure, guarded_parser
from apps.artifacts.reading.notes import FileRefused
from apps.artifacts.reading.text import FORBIDDEN, visible
from apps.artifacts.reading.zips import (
    Meter,
    check_directory,
    check_entries,
    opened,
    read_chunk,
)

from .rows import Limits, Reading, Row, Table, cells_of, named_columns

MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
NO_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
LAST_DAY = 2_957_000
"""Counted from the later epoch it is near the end of the last year that Python knows."""
HEADER_WITHIN = 20
SHEETS_LOOKED_AT = 50
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


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


class Workbook:
    """The parts of a workbook: its sheets, texts that cells share, and which numbers are dates."""

    def __init__(self, stream: BinaryIO, filename: str, reading: Reading, limits: Limits):
        self.filename, self.reading, self.limits = filename, reading, limits
        check_directory(stream, filename, limits)
        self.meter = Meter(filename, limits, packed=stream.seek(0, 2))
        try:
            self.archive = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError) as error:
            raise FileRefused(f"{filename} is no sound workbook ({error}). Save it anew.") from None
        check_entries(self.archive.infolist(), filename)
        self.parts = {entry.filename: entry for entry in self.archive.infolist()}
        self.sheets, self.shown, epoch = self._read_sheets()
        self.texts = self._read_texts()
        self.date_styles = self._read_styles()
        self.epoch = epoch

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str], frozenset[int]]]:
        """(number, cells, columns that go on from the row above) of each row that is there."""
        part = self.sheets[sheet]
        merges = self._merges(part)
        reader = _SheetReader(self)
        active: dict[int, tuple[int, str]] = {}
        for _ in self._parsed(part, reader.handlers):
            for number, values in reader.take():
                yield number, *_merged(number, values, merges, active)

    def top(self, sheet: str) -> list[list[str]]:
        """The first rows of a sheet as they are, without what is merged."""
        reader, rows = _SheetReader(self), []
        for _ in self._parsed(self.sheets[sheet], reader.handlers):
            rows += [values for _, values in reader.take()]
            if len(rows) >= HEADER_WITHIN:
                break
        return rows[:HEADER_WITHIN]

    def chunks(self, part: str) -> Iterator[bytes]:
        name = f"{self.filename}:{part}"
        with opened(self.archive, self.parts[part], name) as member:
            while chunk := read_chunk(member, name):
                self.meter.add(len(chunk))
                yield chunk

    def _parsed(self, part: str, handlers: Callable) -> Iterator[None]:
        name = f"{self.filename}:{part}"
        parser = guarded_parser(name)
        watch = Watch(parser, name, self.limits)
        handlers(parser)
        try:
            for chunk in self.chunks(part):
                parser.Parse(chunk, False)
                watch.check(chunk)
                yield
            parser.Parse(b"", True)
        except (expat.ExpatError, UnicodeDecodeError) as error:
            if isinstance(error, expat.ExpatError):
                error = failure(error, name)
            raise FileRefused(str(error)) from None
        except Unreadable as error:
            raise FileRefused(str(error)) from None
        yield

    def _elements(self, part: str) -> Iterator[tuple[str, dict[str, str]]]:
        """The starts of all elements of a small part, without their prefixes."""
        found: list[tuple[str, dict[str, str]]] = []

        def handlers(parser):
            parser.StartElementHandler = lambda tag, attributes: found.append(
                (tag.rpartition(":")[2], attributes)
            )

        for _ in self._parsed(part, handlers):
            yield from found
            found.clear()

    def _read_sheets(self):
        if "xl/workbook.xml" not in self.parts:
            if "content.xml" in self.parts:
                raise FileRefused(f"{self.filename} is an OpenDocument file. Save it as .xlsx.")
            raise FileRefused(
                f"{self.filename} is a zip file and no workbook. Send .xlsx, or the file itself."
            )
        targets = {}
        if "xl/_rels/workbook.xml.rels" in self.parts:
            for tag, found in self._elements("xl/_rels/workbook.xml.rels"):
                if tag == "Relationship":
                    target = found.get("Target", "")
                    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    targets[found.get("Id")] = path
        sheets, shown, epoch = {}, [], EPOCH
        for tag, found in self._elements("xl/workbook.xml"):
            if tag == "workbookPr" and found.get("date1904") in ("1", "true"):
                epoch = EPOCH_1904
            if tag == "sheet":
                link = next((found[name] for name in found if name.endswith(":id")), None)
                if targets.get(link) in self.parts:
                    name = found.get("name", "")
                    sheets[name] = targets[link]
                    if found.get("state", "visible") == "visible":
                        shown.append(name)
        if not sheets:
            raise FileRefused(f"{self.filename} holds no sheet that can be read. Save it anew.")
        return sheets, shown or list(sheets), epoch

    def _read_texts(self) -> list[str]:
        reader = _TextsReader(self)
        if "xl/sharedStrings.xml" in self.parts:
            for _ in self._parsed("xl/sharedStrings.xml", reader.handlers):
                pass
        return reader.texts

    def _read_styles(self) -> set[int]:
        """The numbers of the styles that show a number as a date."""
        if "xl/styles.xml" not in self.parts:
            return set()
        codes, styles, within = {}, [], False
        for tag, found in self._elements("xl/styles.xml"):
            if tag == "numFmt":
                codes[found.get("numFmtId")] = found.get("formatCode", "")
            if tag in ("cellXfs", "cellStyles", "dxfs"):
                within = tag == "cellXfs"
            elif tag == "xf" and within:
                styles.append(found.get("numFmtId", "0"))
        return {place for place, style in enumerate(styles) if _is_date(style, codes)}

    def _merges(self, part: str) -> dict[int, list[tuple[int, int]]]:
        """{first row: [(column, last row)]} of what is merged over several rows."""
        found: dict[int, list[tuple[int, int]]] = {}
        rest, count = b"", 0
        for chunk in self.chunks(part):
            chunk, end = rest + chunk, 0
            for match in MERGED.finditer(chunk):
                end = match.end()
                count += 1
                top, bottom = int(match[2]), int(match[4])
                if bottom > top:
                    column = column_of(match[1].decode())
                    found.setdefault(top, []).append((column, bottom))
                if count > self.limits.merged:
                    raise FileRefused(
                        f"{self.filename} has more than {self.limits.merged:,} merged cells."
                    )
            rest = chunk[max(end, len(chunk) - 200) :]
        return found


def _is_date(style: str, codes: dict) -> bool:
    if style in codes:
        return any(letter in "dmyhs" for letter in NO_DATE.sub("", codes[style]).lower())
    return _number_of(style) in DATES


def _merged(number, values, merges, active):
    """The cells with what lies over them from a row above, and the columns where that is so."""
    for column, (last, _) in list(active.items()):
        if number > last:
            del active[column]
    continued = frozenset(active)
    if active:
        values = values + [""] * (max(active) + 1 - len(values))
        for column, (_, value) in active.items():
            values[column] = value
    for column, last in merges.get(number, ()):
        active[column] = (last, values[column] if column < len(values) else "")
    return values, continued


def column_of(letters: str) -> int:
    """A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class _TextsReader:
    """The table of shared texts; what is read aloud beside a text (rPh) is none of it."""

    def __init__(self, book: Workbook):
        self.book = book
        self.texts: list[str] = []
        self.parts: list[str] | None = None
        self.aloud, self.reads, self.size = 0, False, 0

    def handlers(self, parser):
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data

    def start(self, tag, attributes):
        tag = tag.rpartition(":")[2]
        if tag == "si":
            self.parts = []
        elif tag == "rPh":
            self.aloud += 1
        self.reads = tag == "t" and not self.aloud

    def data(self, text):
        if self.reads and self.parts is not None:
            self.parts.append(text)

    def end(self, tag):
        tag = tag.rpartition(":")[2]
        self.reads = False
        if tag == "rPh":
            self.aloud -= 1
        elif tag == "si":
            text = _clean("".join(self.parts or ()), self.book.reading)
            self.size += 60 + len(text) * 2
            if self.size > self.book.limits.shared_text:
                raise FileRefused(
                    f"{self.book.filename} holds more text than is read of a workbook. Save it as "
                    "CSV in UTF-8, or in several files."
                )
            self.texts.append(text)


class _SheetReader:
    """Rows of a sheet as lists of texts, taken after each piece of it that was parsed."""

    def __init__(self, book: Workbook):
        self.book = book
        self.done: list[tuple[int, list[str]]] = []
        self.number = 0
        self.values: list[str] = []
        self.column, self.kind, self.style = -1, "n", 0
        self.parts: list[str] = []
        self.reads = False

    def handlers(self, parser):
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data

    def take(self):
        done, self.done = self.done, []
        return done

    def start(self, tag, attributes):
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "row":
            # Rows of one number, or in another order, get numbers of their own.
            self.number = max(_number_of(attributes.get("r", "")), self.number + 1)
            self.values, self.column = [], -1
        self.reads = tag == "v" or (tag == "t" and self.kind == "inlineStr")

    def _begin_cell(self, attributes):
        found = REFERENCE.fullmatch(attributes.get("r", ""))
        self.column = column_of(found[1]) if found else self.column + 1
        self.kind = attributes.get("t", "n")
        self.style = _number_of(attributes.get("s", "0"))
        self.parts = []

    def data(self, text):
        if self.reads:
            self.parts.append(text)

    def end(self, tag):
        tag = tag.rpartition(":")[2]
        self.reads = False
        if tag == "c" and self.parts:
            self._keep(self._value("".join(self.parts)))
        elif tag == "row":
            self.done.append((self.number, self.values))
            self.values = []

    def _keep(self, value):
        if self.column >= self.book.limits.columns:
            raise FileRefused(
                f"{self.book.filename}, row {self.number:,}: a cell lies beyond column "
                f"{self.book.limits.columns}. Leave the empty columns out and send it again."
            )
        self.values.extend([""] * (self.column + 1 - len(self.values)))
        self.values[self.column] = value

    def _value(self, text):
        if self.kind == "s":
            place = _number_of(text.strip())
            return self.book.texts[place] if 0 <= place < len(self.book.texts) else ""
        if self.kind == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        if self.kind == "n":
            return self._number(text.strip())
        return _clean(text, self.book.reading)

    def _number(self, text):
        try:
            number = float(text)
        except ValueError:
            return text
        if self.style in self.book.date_styles and 0 <= number < LAST_DAY:
            return _date(number, self.book.epoch)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _number_of(text):
    """A number of the file's own counting; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1


def _date(number, epoch):
    moment = epoch + timedelta(days=int(number), seconds=round(number % 1 * 86_400))
    if number < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d}" if number == int(number) else f"{moment:%Y-%m-%d %H:%M:%S}"


def _clean(text, reading):
    if "_x" in text:
        text = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if FORBIDDEN.search(text):
        text, replaced = FORBIDDEN.subn(visible, text)
        reading.repaired += replaced
    return text
