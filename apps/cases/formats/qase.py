"""Qase: its JSON export, and the columns of its CSV export.

Members as in Qase's documentation (“Export test cases”) and its exports: suites nest by "suites",
each with "cases"; steps are {"action", "expected_result", "data", "steps"}. In the CSV the steps
of a case stand in one cell each, numbered and in quotes; rows with “suite_without_cases” are
suites alone.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson
from ijson.common import ObjectBuilder

from apps.artifacts.reading.notes import FileRefused

from .jsonfile import Guarded, begin, translated
from .rows import Limits, Row
from .tools import Tool

COLUMNS = [
    "id", "title", "suite", "description", "preconditions", "postconditions", "priority",
    "severity", "type", "automation", "status", "tags", "steps",
]  # fmt: skip
MEANINGS = {
    "id": "external_id",
    "v2 id": "external_id",
    "title": "title",
    "suite": "suite",
    "description": "description",
    "preconditions": "preconditions",
    "postconditions": "description",
    "priority": "priority",
    "severity": "severity",
    "type": "type",
    "automation": "kind",
    "status": "status",
    "tags": "tags",
    "steps": "steps",
}
TOOL = Tool(
    name="qase",
    label="Qase",
    signatures=[{"v2 id", "title"}, {"steps actions", "steps result"}],
    columns=MEANINGS | {"steps actions": "steps", "steps result": "expected", "steps data": "data"},
    numbered=True,
    skip={"suite without cases": {"1", "true", "yes"}},
)


def read_json(stream: BinaryIO, filename: str, limits: Limits) -> Iterator[Row]:
    """A row for each case, in the order of the file; custom fields are columns by their titles."""
    start = begin(stream, filename)
    stream.seek(start)
    events = ijson.basic_parse(Guarded(stream, filename), use_float=True)
    walk = _suite(iter(translated(events, stream, start, filename)), (), filename)
    for number, (path, case) in enumerate(walk, 1):
        if number > limits.rows:
            raise FileRefused(f"{filename} has more than {limits.rows:,} cases. Send several.")
        yield Row(number, _cells(path, case))


def _suite(events, path, filename, *, inside=False) -> Iterator[tuple[tuple[str, ...], dict]]:
    """The cases of the object that begins here, and of the suites within it."""
    if not inside and next(events, (None,))[0] != "start_map":
        raise FileRefused(f"{filename} is no JSON object with a list named suites.")
    name = ""
    for event, value in events:
        if event == "end_map":
            return
        key = value
        event, value = next(events)
        if key == "title" and event == "string":
            name = value
        elif key == "suites" and event == "start_array":
            yield from _suites(events, (*path, name), filename)
        elif key == "cases" and event == "start_array":
            for case in _objects(events):
                yield tuple(filter(None, (*path, name))), case
        else:
            _pass_over(events, event)


def _suites(events, path, filename):
    for event, _ in events:
        if event == "end_array":
            return
        if event == "start_map":
            yield from _suite(events, path, filename, inside=True)
        else:
            _pass_over(events, event)


def _objects(events) -> Iterator[dict]:
    for event, value in events:
        if event == "end_array":
            return
        built = _build(events, event, value)
        if isinstance(built, dict):
            yield built


def _build(events, event, value) -> Any:
    builder, depth = ObjectBuilder(), 0
    while True:
        builder.event(event, value)
        depth += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))
        if depth == 0:
            return builder.value
        event, value = next(events)


def _pass_over(events, event) -> None:
    depth = event in ("start_map", "start_array")
    while depth:
        event, _ = next(events)
        depth += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))


def _cells(path, case: dict) -> dict[str, Any]:
    cells = {name: _plain(case.get(name)) for name in COLUMNS if name in case}
    cells["suite"] = list(path)
    tags = case.get("tags")
    cells["tags"] = [str(tag) for tag in tags] if isinstance(tags, list) else _plain(tags)
    cells["steps"] = list(_steps(case.get("steps")))
    for custom in case.get("custom_fields") or []:
        if isinstance(custom, dict) and (name := custom.get("title") or custom.get("name")):
            cells.setdefault(str(name), _plain(custom.get("value")))
    return cells


def _steps(steps, level=0) -> Iterator[dict[str, str]]:
    """Steps within a step follow it; “undefined” is how Qase says that there is nothing."""
    for step in steps if isinstance(steps, list) and level < 10 else []:
        if isinstance(step, dict):
            yield {
                "action": _plain(step.get("action")),
                "expected": _plain(step.get("expected_result")),
                "data": _plain(step.get("data")),
            }
            yield from _steps(step.get("steps"), level + 1)


def _plain(value) -> str:
    if value is None or value == "undefined":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
