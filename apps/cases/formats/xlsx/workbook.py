"""What lies in a workbook, and where."""

import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO
from xml.parsers import expat

from apps.artifacts.reading.guarded_xml import Unreadable, Watch, failure, guarded_parser
from apps.artifacts.reading.notes import FileRefused
from apps.artifacts.reading.zips import (
    Meter,
    check_directory,
    check_entries,
    opened,
    read_chunk,
)

from ..rows import Limits, Reading
from .parts import SheetReader, TextsReader, column_of, number_of

MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
NO_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
HEADER_WITHIN = 20
"""Rows of a sheet among which the header is looked for."""


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
        reader = SheetReader(self)
        active: dict[int, tuple[int, str]] = {}
        for _ in self._parsed(part, reader.handlers):
            for number, values in reader.take():
                yield number, *_merged(number, values, merges, active)

    def top(self, sheet: str) -> list[list[str]]:
        """The first rows of a sheet as they are, without what is merged."""
        reader, rows = SheetReader(self), []
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
        reader = TextsReader(self)
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
    return number_of(style) in DATES


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
