"""Rows for spreadsheets: what somebody wrote is text there, and never carried out."""

import csv
import io
from collections.abc import Iterable
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def as_line(cells: Iterable[Any]) -> bytes:
    """A line of CSV."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def harmless(cell: Any) -> str:
    """The text, which no spreadsheet carries out; a number stays one, also below zero."""
    text = "" if cell is None else str(cell)
    is_number = isinstance(cell, int | float)
    return f"'{text}" if text.startswith(FORMULA) and not is_number else text
