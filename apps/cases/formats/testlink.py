"""TestLink: its XML export of a suite, of a project or of single cases.

Elements as in “Import / export file formats, TestLink version 1.9” (TestLink's own document, also
in its source tree under docs): testsuite with details, testcase with summary, preconditions,
execution_type (1 manual, 2 automated), importance (1 low to 3 high), status, steps, keywords,
custom_fields and requirements. The texts are HTML.
"""

from collections.abc import Iterator
from typing import BinaryIO

from .html import as_markdown
from .rows import Limits, Reading, Row
from .tools import Tool
from .xmlfile import Element, Shape, read_cases

SHAPE = Shape(
    suite="testsuite", case="testcase", root=("testsuite", "testcases", "testproject", "testcase"),
    tool="TestLink",
)  # fmt: skip
COLUMNS = [
    "externalid", "name", "testsuite", "summary", "preconditions", "execution_type", "importance",
    "status", "estimated_exec_duration", "steps", "keywords", "requirements",
]  # fmt: skip
TOOL = Tool(
    name="testlink",
    label="TestLink",
    signatures=[],
    columns={
        "externalid": "external_id",
        "name": "title",
        "testsuite": "suite",
        "summary": "description",
        "preconditions": "preconditions",
        "execution type": "kind",
        "importance": "priority",
        "status": "status",
        "estimated exec duration": "estimate",
        "steps": "steps",
        "keywords": "tags",
        "requirements": "requirements",
    },
)
IMPORTANCE = {"3": "high", "2": "medium", "1": "low"}
EXECUTION = {"1": "manual", "2": "automated"}
STATUS = {
    "1": "draft", "2": "in review", "3": "in review", "4": "draft", "5": "deprecated",
    "6": "draft", "7": "ready",
}  # fmt: skip


def read_xml(stream: BinaryIO, filename: str, reading: Reading, limits: Limits) -> Iterator[Row]:
    """A row for each case; custom fields are columns by their names."""
    cases = read_cases(stream, filename, SHAPE, reading, limits)
    for number, (path, case) in enumerate(cases, 1):
        yield Row(number, _cells(path, case))


def _cells(path: tuple[str, ...], case: Element) -> dict:
    text = case.text_of
    minutes = text("estimated_exec_duration")
    # Before version 1.9 a case had one text of steps and one of expected results.
    steps = [_step(step) for step in case.all("steps", "step")]
    if not steps and (text("steps") or text("expectedresults")):
        steps = [
            {
                "action": as_markdown(text("steps")),
                "expected": as_markdown(text("expectedresults")),
                "data": "",
            }
        ]
    cells = {
        "externalid": text("externalid") or case.attributes.get("internalid", ""),
        "name": case.attributes.get("name", ""),
        "testsuite": list(path),
        "summary": as_markdown(text("summary")),
        "preconditions": as_markdown(text("preconditions")),
        "execution_type": EXECUTION.get(text("execution_type"), text("execution_type")),
        "importance": IMPORTANCE.get(text("importance"), text("importance")),
        "status": STATUS.get(text("status"), text("status")),
        "estimated_exec_duration": f"{minutes}m" if minutes else "",
        "steps": steps,
        "keywords": [word.attributes.get("name", "") for word in case.all("keywords", "keyword")],
        "requirements": [
            {"name": _joined(found.text_of("doc_id"), found.text_of("title")), "url": ""}
            for found in case.all("requirements", "requirement")
        ],
    }
    for field in case.all("custom_fields", "custom_field"):
        cells.setdefault(field.text_of("name") or "custom_field", field.text_of("value"))
    return cells


def _step(step: Element) -> dict[str, str]:
    return {
        "action": as_markdown(step.text_of("actions")),
        "expected": as_markdown(step.text_of("expectedresults")),
        "data": "",
    }


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))
