"""TestRail: its XML and CSV exports of cases.

Elements and columns as in TestRail's documentation: “Importing test cases and sections (XML)”
(docs.gurock.com, userguide, howto-import) and the columns of “Export to CSV” of the cases' page;
separated steps take a row each there, with the other cells empty.
"""

from collections.abc import Iterator
from typing import BinaryIO

from .rows import Limits, Reading, Row
from .tools import Tool
from .xmlfile import Element, Shape, read_cases

SHAPE = Shape(
    suite="section", case="case", root=("suite", "sections", "section", "cases"), tool="TestRail"
)
COLUMNS = [
    "id", "title", "section", "type", "priority", "estimate", "references", "preconds", "steps",
    "expected", "mission", "goals",
]  # fmt: skip
TOOL = Tool(
    name="testrail",
    label="TestRail",
    signatures=[
        {"section hierarchy"},
        {"section", "section depth"},
        {"steps step", "steps expected result"},
    ],
    columns={
        "id": "external_id",
        "title": "title",
        "section": "suite",
        "section hierarchy": "suite",
        "type": "type",
        "priority": "priority",
        "estimate": "estimate",
        "references": "requirements",
        "preconditions": "preconditions",
        "preconds": "preconditions",
        "steps": "steps",
        "steps step": "steps",
        "expected result": "expected",
        "expected": "expected",
        "steps expected result": "expected",
        "steps additional info": "data",
        "mission": "description",
        "goals": "description",
        "labels": "tags",
    },
    instead={"section hierarchy": "section"},
    separator=" > ",
)


def read_xml(stream: BinaryIO, filename: str, reading: Reading, limits: Limits) -> Iterator[Row]:
    """A row for each case; its fields of <custom> are columns by their system names."""
    cases = read_cases(stream, filename, SHAPE, reading, limits)
    for number, (path, case) in enumerate(cases, 1):
        cells = {child.tag: child.text for child in case.children if not child.children}
        cells["section"] = list(path)
        for custom in case.all("custom"):
            for field in custom.children:
                cells[field.tag] = _value(field)
        separated = cells.pop("steps_separated", None)
        if separated:
            cells["steps"] = separated
        yield Row(number, cells)


def _value(field: Element):
    """A text, the value of a choice, the values of several, or steps."""
    if steps := field.all("step"):
        return [_step(step) for step in steps]
    if items := field.all("item"):
        return [item.text_of("value") or item.text for item in items]
    return field.text_of("value") or field.text


def _step(step: Element) -> dict[str, str]:
    return {
        "action": step.text_of("content"),
        "expected": step.text_of("expected"),
        "data": step.text_of("additional_info"),
    }
