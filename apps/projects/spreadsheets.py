"""Rows for spreadsheets: what somebody wrote is text there, and never carried out."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet takes for the beginning of a formula, and what is one made harmless."""


def as_line(cells: Iterable[Any]) -> bytes:
    """A line of CSV."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def harmless(cell: Any) -> str:
    """The text, which no spreadsheet carries out; a number stays one, also below zero."""
    text = "" if cell is None else str(cell)
    is_number = isinstance(cell, int | float)
    return f"'{text}" if FORMULA.match(text) and not is_number else text


def as_written(text: str) -> str:
    """The text before harmless(); one that is no formula made harmless stays."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
