"""Cases as an Excel workbook, written as a stream: the parts of ECMA-376 that a table needs.

A library would keep the sheet in a file until its end; a zip can be sent while it is made. Every
text is an inline string, which is never a formula.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape

from apps.projects.spreadsheets import harmless

from .choice import Chosen
from .columns import Columns
from .writer import Writer

ROWS_OF_A_SHEET = 1_048_575
"""Below the header; what is more goes on in a second sheet."""
LONGEST_CELL = 32_767
CUT = "… (cut: a cell of Excel holds no more)"
UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
WIDE = {
    "Title": 50, "Suite": 30, "Steps": 60, "Expected result": 60, "Data": 30, "Description": 50,
    "Preconditions": 40,
}  # fmt: skip
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/>'
    '</font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf fontId="1" applyFont="1"/></cellXfs></styleSheet>'
)


class Workbook(Writer):
    def __init__(self, chosen: Chosen) -> None:
        super().__init__(chosen)
        self.out = Outlet()
        self.sheets = 0

    def pieces(self) -> Iterator[bytes]:
        columns = Columns(self.project)
        rows = (columns.cells(case) for cases in self.chosen.parts() for case in cases)
        with zipfile.ZipFile(self.out, "w", zipfile.ZIP_DEFLATED) as book:
            row = next(rows, None)
            while row is not None or not self.sheets:
                self.sheets += 1
                with book.open(
                    f"xl/worksheets/sheet{self.sheets}.xml", "w", force_zip64=True
                ) as to:
                    to.write(_sheet_begins(columns.names))
                    for _ in range(ROWS_OF_A_SHEET):
                        if row is None:
                            break
                        to.write(_row(row))
                        yield from self.out.full()
                        row = next(rows, None)
                    to.write(b"</sheetData></worksheet>")
            for name, text in _frame(self.sheets):
                book.writestr(name, text)
        yield self.out.rest()


class Outlet(io.RawIOBase):
    """Takes what the zip writes, which cannot go back in it, and hands it on in pieces."""

    PIECE = 64 * 1024

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.written += data
        return len(data)

    def full(self) -> Iterator[bytes]:
        if len(self.written) >= self.PIECE:
            yield self.rest()

    def rest(self) -> bytes:
        piece = bytes(self.written)
        self.written.clear()
        return piece


def _sheet_begins(names):
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{WIDE.get(name, 14)}" customWidth="1"/>'
        for place, name in enumerate(names, 1)
    )
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData>"
    ).encode() + _row(names, style=1)


def _row(cells, style=0):
    return f"<row>{''.join(_cell(cell, style) for cell in cells)}</row>".encode()


def _cell(value, style):
    if isinstance(value, int | float):
        return f'<c s="{style}"><v>{value}</v></c>'
    text = harmless(value)
    if not text:
        return f'<c s="{style}"/>'
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - len(CUT)] + CUT
    written = escape(UNWRITABLE.sub(_as_escape, text))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


def _as_escape(found):
    """As Excel writes what XML cannot hold, and a text that looks like such an escape."""
    return f"_x{ord(found[0][0]):04X}_{found[0][1:]}"


def _frame(sheets):
    """The other files of a workbook with so many sheets."""
    numbers = range(1, sheets + 1)
    yield "xl/styles.xml", STYLES
    yield "xl/workbook.xml", _workbook(numbers)
    yield (
        "xl/_rels/workbook.xml.rels",
        _relations(
            [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
            + [("rId0", "styles", "styles.xml")]
        ),
    )
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    yield "[Content_Types].xml", _content_types(numbers)


def _workbook(numbers):
    sheets = "".join(
        f'<sheet name="Cases{"" if n == 1 else f" {n}"}" sheetId="{n}" r:id="rId{n}"/>'
        for n in numbers
    )
    return f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _relations(entries):
    inner = "".join(
        f'<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for id, kind, target in entries
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def _content_types(numbers):
    parts = [("xl/workbook.xml", "sheet.main"), ("xl/styles.xml", "styles")]
    parts += [(f"xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers]
    inner = "".join(
        f'<Override PartName="/{name}" ContentType="{TYPES}.{kind}+xml"/>' for name, kind in parts
    )
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{inner}</Types>'
    )
