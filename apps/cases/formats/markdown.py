"""Cases as Markdown that people write and read:

    # Checkout / Coupons
    ## Pays with a coupon
    - Key: WEB-12
    - Priority: P1
    - Tags: money, smoke
    ### Description
    Any text.
    ### Preconditions
    Any text.
    ### Steps
    1. Open the cart
       - Data: coupon TEN
       - Expected: The price is lower
    2. Shared: Sign in

A heading of the first level is the path of the suite, one of the second a case. The list below it
names fields, also those of the project; a line names one former key, and so may it requirements and
links. Its other lines up to a heading of the third level are the description. Lines of a step that
go on are indented by three spaces, those of its data and result by five. A line of a text that
begins like one of these signs has a backslash before it, as has a step of the case's own that
begins like shared ones.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from apps.artifacts.reading.notes import FileRefused

from .encodings import find_encoding, lines_of
from .numbered import SHARED, own
from .rows import Limits, Reading, Row

COLUMNS = [
    "Key", "Suite", "Title", "Kind", "Status", "Priority", "Severity", "Owner", "Estimate", "Tags",
    "Requirements", "Links", "Automation key", "Former keys", "Description", "Preconditions",
    "Steps",
]  # fmt: skip
FIELD = re.compile(r"[-*] (?:\*\*)?([^:*]{1,70}):(?:\*\*)?\s*(.*)")
STEP = re.compile(r"(\d{1,4})[.)] ?(.*)")
PART = re.compile(r"\s+[-*] (?:\*\*)?(Expected(?: result)?|Data):(?:\*\*)?\s?(.*)", re.IGNORECASE)
ESCAPED = re.compile(r"^(\s*)\\(?=\\*(?:#|[-*] |\d+[.)]))")
REPEATED = {"Former keys", "Requirements", "Links"}
TEXTS = {"description": "Description", "preconditions": "Preconditions"}


def read_markdown(
    stream: BinaryIO, filename: str, options: dict[str, Any], reading: Reading, limits: Limits
) -> Iterator[Row]:
    """A row for each heading of the second level, numbered from 1."""
    encoding = options.get("encoding") or find_encoding(stream, filename, reading)
    suite, case, number = [], None, 0
    for line in lines_of(stream, encoding, filename, reading):
        line = line.rstrip("\r\n")
        if line.startswith("# "):
            if case:
                yield case.row()
            case, suite = None, [part.strip() for part in line[2:].split(" / ")]
        elif line.startswith("## "):
            if case:
                yield case.row()
            number += 1
            if number > limits.rows:
                raise FileRefused(f"{filename} has more than {limits.rows:,} cases. Send several.")
            case = _Case(number, suite, line[3:].strip())
        elif case:
            case.add(line)
    if case:
        yield case.row()
    if not number:
        raise FileRefused(
            f"{filename} holds no case: write each below a heading of the second level, ## Title."
        )


class _Case:
    """What is written below the heading of a case, line by line."""

    def __init__(self, number: int, suite: list[str], title: str):
        self.number = number
        self.cells: dict[str, Any] = {"Title": title, "Suite": suite}
        self.texts: dict[str, list[str]] = {}
        self.steps: list[dict[str, list[str]]] = []
        self.section, self.part, self.in_fields = "Description", "action", True

    def add(self, line: str) -> None:
        if line.startswith("### "):
            name = line[4:].strip()
            self.section, self.in_fields = TEXTS.get(name.lower(), name.capitalize()), False
        elif self.section == "Steps":
            self._add_step_line(line)
        elif self.in_fields and (found := FIELD.fullmatch(line)):
            self._add_field(found[1].strip(), found[2].strip())
        else:
            self.in_fields = self.in_fields and not line.strip()
            self.texts.setdefault(self.section, []).append(ESCAPED.sub(r"\1", line))

    def _add_field(self, name: str, value: str) -> None:
        before = self.cells.get(name) if name in REPEATED else None
        self.cells[name] = f"{before}\n{value}" if before else value

    def _add_step_line(self, line: str) -> None:
        if found := STEP.fullmatch(line):
            self.steps.append({"action": [found[2]]})
            self.part = "action"
        elif not self.steps:
            if line.strip():
                self.steps.append({"action": [line]})
        elif found := PART.fullmatch(line):
            self.part = "data" if found[1].lower() == "data" else "expected"
            self.steps[-1][self.part] = [found[2]]
        else:
            indent = 3 if self.part == "action" else 5
            bare = line[indent:] if not line[:indent].strip() else line.lstrip()
            self.steps[-1][self.part].append(ESCAPED.sub(r"\1", bare))

    def row(self) -> Row:
        cells = dict(self.cells)
        for name, lines in self.texts.items():
            cells[name] = "\n".join(lines).strip()
        cells["Steps"] = [_step(step) for step in self.steps]
        return Row(self.number, cells)


def _step(parts: dict[str, list[str]]) -> dict[str, str]:
    texts = {name: "\n".join(lines).strip() for name, lines in parts.items()}
    if texts["action"].startswith(SHARED):
        return {"shared": texts["action"].removeprefix(SHARED).strip()}
    return {"expected": "", "data": ""} | texts | {"action": own(texts["action"])}
