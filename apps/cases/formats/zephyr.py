"""Zephyr Scale (now Zephyr) and Zephyr Squad: columns of their CSV and Excel exports.

Scale: as in “Import test cases from a file” and the export of its library (SmartBear, Zephyr
documentation): a row for each step, the case's cells only on its first. Squad: as in its search
export and the importer utility, where the issue is repeated or left empty for further steps.
"""

from .tools import Tool

SCALE = Tool(
    name="zephyr",
    label="Zephyr Scale",
    signatures=[
        {"test script step by step step"},
        {"name", "objective", "precondition"},
        {"test script plain text"},
    ],
    columns={
        "key": "external_id",
        "name": "title",
        "status": "status",
        "precondition": "preconditions",
        "objective": "description",
        "folder": "suite",
        "priority": "priority",
        "component": "tags",
        "labels": "tags",
        "owner": "owner",
        "estimated time": "estimate",
        "coverage issues": "requirements",
        "coverage pages": "",
        "test script step by step step": "steps",
        "test script step by step test data": "data",
        "test script step by step expected result": "expected",
        "test script plain text": "steps",
        "test script bdd": "steps",
    },
    separator="/",
    html=True,
)
SQUAD = Tool(
    name="zephyr_squad",
    label="Zephyr Squad",
    signatures=[
        {"issue key", "test step", "test data"},
        {"issue key", "step", "expected result"},
        {"issue key", "orderid", "step"},
        {"issue key", "step id", "step"},
    ],
    columns={
        "issue key": "external_id",
        "issue id": "",
        "test summary": "title",
        "summary": "title",
        "name": "title",
        "orderid": "",
        "step id": "",
        "test step": "steps",
        "step": "steps",
        "test data": "data",
        "expected result": "expected",
        "step result": "expected",
        "result": "expected",
        "priority": "priority",
        "status": "",
        "component": "tags",
        "labels": "tags",
        "description": "description",
        "assignee": "owner",
        "folder": "suite",
    },
    separator="/",
)
