"""Xray: columns of the CSV that its Test Case Importer takes and its exports write.

As in “Importing Tests - Test Case Importer” of Xray's documentation (docs.getxray.app), and in the
examples that Xray keeps beside its tutorials: the issue's id is repeated on the row of each
further step. Rows of the issue type precondition are no tests.
"""

from .tools import Tool

TOOL = Tool(
    name="xray",
    label="Xray",
    signatures=[
        {"action", "result", "test type"},
        {"action", "data", "result", "issue id"},
        {"tcid", "action"},
        {"test summary", "test repo"},
    ],
    columns={
        "issue id": "external_id",
        "tcid": "external_id",
        "test id": "external_id",
        "issue key": "",
        "test type": "kind",
        "test summary": "title",
        "summary": "title",
        "test priority": "priority",
        "priority": "priority",
        "action": "steps",
        "step": "steps",
        "data": "data",
        "result": "expected",
        "expected result": "expected",
        "test repo": "suite",
        "test repository path": "suite",
        "description": "description",
        "precondition": "preconditions",
        "labels": "tags",
        "component": "tags",
        "assignee": "owner",
        "links": "",
        "unstructured definition": "steps",
        "gherkin definition": "steps",
        "issue type": "",
    },
    separator="/",
    skip={"issue type": {"precondition", "pre-condition"}},
)
