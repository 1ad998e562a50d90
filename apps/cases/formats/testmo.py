"""Testmo: columns of the CSV export of its repository.

As the export names them (Testmo documentation, “Exporting test cases”): a row for each step of the
template “Case (steps)”, the case's cells only on the first. Texts are HTML.
"""

from .tools import Tool

TOOL = Tool(
    name="testmo",
    label="Testmo",
    signatures=[{"case id", "case", "folder"}, {"case id", "case", "template"}],
    columns={
        "case id": "external_id",
        "case": "title",
        "folder": "suite",
        "state": "status",
        "priority": "priority",
        "test type": "type",
        "type": "type",
        "estimate": "estimate",
        "tags": "tags",
        "issues": "requirements",
        "description": "description",
        "preconditions": "preconditions",
        "steps": "steps",
        "steps step": "steps",
        "steps step 2": "steps",
        "expected": "expected",
        "steps expected": "expected",
        "automated": "kind",
        "status latest": "",
        "template": "",
    },
    separator=" > ",
    html=True,
)
