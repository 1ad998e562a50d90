"""Readers of cases: tables and the exports of other tools, each a stream of rows.

Nothing here knows of Django or the database. A reader raises FileRefused for the whole file, also
late. What a column means is not decided here: see apps/cases/intake/.
"""

import itertools
import re
from collections.abc import Callable
from typing import Any, BinaryIO

from apps.artifacts.reading.notes import FileRefused

from . import jsonfile, markdown, qase, testlink, testmo, testrail, xray, zephyr
from .csvfile import read_csv
from .rows import USUAL, Limits, Reading, Row, Table, keepable
from .strangers import refuse_stranger
from .tools import Tool, plain
from .xlsx import read_xlsx

__all__ = [
    "FORMATS", "TOOLS", "FileRefused", "Limits", "Reading", "Row", "Table", "Tool", "detect",
    "open_file", "plain", "tool_of",
]  # fmt: skip

FORMATS = {
    "csv": "CSV",
    "xlsx": "Excel workbook",
    "json": "TestoQA JSON",
    "markdown": "Markdown",
    "testrail_xml": "TestRail XML",
    "testlink_xml": "TestLink XML",
    "qase_json": "Qase JSON",
}
TOOLS = {
    tool.name: tool
    for tool in (
        testrail.TOOL, xray.TOOL, zephyr.SCALE, zephyr.SQUAD, testmo.TOOL, qase.TOOL, testlink.TOOL,
    )
}  # fmt: skip
OF_FORMAT = {"testrail_xml": "testrail", "testlink_xml": "testlink", "qase_json": "qase"}
ROWS_LOOKED_AT = 200
"""Rows in which columns are looked for where the format has no header."""
XML_ROOT = re.compile(rb"<(?!\?|!)([\w:]+)")


def detect(stream: BinaryIO, filename: str) -> str:
    """The format of a file, by its bytes and where they say nothing by its name."""
    stream.seek(0)
    head = stream.read(8192)
    if not head.strip():
        raise FileRefused(f"{filename} is empty. Send the file that holds the cases.")
    if head.startswith(b"PK"):
        return "xlsx"
    bare = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    refuse_stranger(head, bare, filename)
    if bare.startswith(b"<"):
        root = XML_ROOT.search(bare)
        return "testlink_xml" if root and root[1].startswith(b"test") else "testrail_xml"
    if bare.startswith(b"{"):
        return "json" if jsonfile.is_own(bare) else "qase_json"
    if filename.lower().endswith((".md", ".markdown")):
        return "markdown"
    return "csv"


def open_file(
    stream: BinaryIO,
    filename: str,
    format: str,
    options: dict[str, Any],
    reading: Reading,
    limits: Limits = USUAL,
    fits: Callable[[list[str]], bool] = bool,
) -> Table:
    """Open the file for one reading of its rows; `options` are what a person chose.

    Of several sheets it is the first whose columns `fits` takes.

    The table's own `options` tell what was found: encoding, delimiter, sheet, sheets, tool.
    """
    table = keepable(_open(stream, filename, format, options, reading, limits, fits), reading)
    if format in ("csv", "xlsx"):
        table.options["tool"] = tool_of(table.columns)
    else:
        table.options["tool"] = OF_FORMAT.get(format, "")
    return table


def tool_of(columns: list[str]) -> str:
    """The name of the tool that writes such columns, or nothing."""
    names = {plain(column) for column in columns}
    return next((tool.name for tool in TOOLS.values() if tool.fits(names)), "")


def _open(stream, filename, format, options, reading, limits, fits) -> Table:
    if format == "csv":
        return read_csv(stream, filename, options, reading, limits)
    if format == "xlsx":
        return read_xlsx(stream, filename, options, reading, limits, fits)
    if format == "json":
        return jsonfile.read_own(stream, filename, limits)
    if format == "markdown":
        rows = markdown.read_markdown(stream, filename, options, reading, limits)
        return _with_columns(rows, markdown.COLUMNS)
    if format == "testrail_xml":
        rows = testrail.read_xml(stream, filename, reading, limits)
        return _with_columns(rows, testrail.COLUMNS)
    if format == "testlink_xml":
        rows = testlink.read_xml(stream, filename, reading, limits)
        return _with_columns(rows, testlink.COLUMNS)
    if format == "qase_json":
        return _with_columns(qase.read_json(stream, filename, limits), qase.COLUMNS)
    raise FileRefused(f"{filename}: {format} is no format that is read here.")


def _with_columns(rows, known) -> Table:
    """The columns that the format always has, and those of the first rows."""
    first = list(itertools.islice(rows, ROWS_LOOKED_AT))
    if not first:
        raise FileRefused("The file holds no case. Export the cases and send that file.")
    columns = dict.fromkeys(known)
    for row in first:
        columns |= dict.fromkeys(row.cells)
    return Table(list(columns), itertools.chain(first, rows))
