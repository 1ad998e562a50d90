"""A file of cases between its upload and its import: what is in it, and how it will be taken."""

import itertools
from functools import partial
from typing import Any

from django.db import transaction

from apps.artifacts.reading.notes import FileRefused
from apps.projects.refusals import TransitionRefused, Unprocessable

from ..custom_fields import MOST_FIELDS
from ..formats import Reading, Row, detect, open_file, tool_of
from ..models import CaseImport, CustomField
from .drafts import Plan, drafts_of
from .extras import lend, missing_shared
from .meaning import check, guess, targets_of
from .wanted import Draft

STARTABLE = [CaseImport.State.UPLOADED, CaseImport.State.CHECKED]
SAMPLE_ROWS = 40
PREVIEWED = 10
LONGEST_FIELD_NAME = CustomField._meta.get_field("name").max_length
SAMPLE_CELL = 1_000
READ_OPTIONS = ("encoding", "delimiter", "sheet")
CHOSEN_OPTIONS = ("steps", "unknown", "separator", "suite", "status", "kind", "priority")
STEP_WAYS = {
    "auto": "By their numbers, where a text begins with 1.",
    "lines": "Each line is a step",
    "whole": "The whole text is one step",
}
UNKNOWN = {
    "leave": "Leave it out, and say so in the receipt",
    "refuse": "Refuse the row",
}


def look_into(arrival: CaseImport, file, chosen: dict[str, Any]) -> None:
    """Find format, columns, a mapping and the first rows of a file; the import is not saved.

    `chosen` may say encoding, delimiter and sheet. Raises Unprocessable for a file that is none.
    """
    reading = Reading()
    fields = list(arrival.project.custom_fields.all())
    asked = {name: chosen[name] for name in READ_OPTIONS if chosen.get(name)}
    try:
        arrival.format = arrival.format or detect(file, arrival.filename)
        fits = partial(_has_title, fields=fields)
        table = open_file(file, arrival.filename, arrival.format, asked, reading, fits=fits)
        rows = list(itertools.islice(table.rows, SAMPLE_ROWS))
    except FileRefused as refusal:
        raise Unprocessable(str(refusal), field="file", code="file_refused") from None
    arrival.options = {
        **{name: value for name, value in arrival.options.items() if name in CHOSEN_OPTIONS},
        **table.options,
        "columns": table.columns,
        "sample": [_kept(row) for row in rows],
        "shared": _named_shared(rows, table.extras),
    }
    arrival.mapping = guess(table.columns, arrival.options["tool"], fields)
    missing = [field["name"] for field in _missing(table, fields)]
    arrival.options["missing_fields"] = missing
    arrival.warnings = reading.warnings + [
        f"The project has no field “{name}”, so its values are left out." for name in missing
    ]


def _has_title(columns, fields):
    return "title" in guess(columns, tool_of(columns), fields).values()


def missing_fields(arrival: CaseImport) -> list[dict[str, Any]]:
    """The custom fields that a file of ours defines and the project lacks, as the file tells them.

    Raises Unprocessable where the file is not kept any more.
    """
    with _opened(arrival) as file:
        options = dict(arrival.options)
        table = open_file(file, arrival.filename, arrival.format, options, Reading())
        return _missing(table, arrival.project.custom_fields.all())


def look_again(arrival: CaseImport, **chosen: Any) -> None:
    """look_into() the file that is kept. Raises Unprocessable, also where it is not any more."""
    with _opened(arrival) as file:
        look_into(arrival, file, chosen)


def _opened(arrival):
    if not arrival.upload:
        raise Unprocessable("The file is not kept any more; send it again.", code="gone")
    return arrival.upload.open("rb")


def _named_shared(rows, extras):
    """Titles of the shared steps that these rows name and the import would make."""
    steps = (step for row in rows for step in row.cells.get("steps") or ())
    named = {str(step.get("shared")) for step in steps if isinstance(step, dict)}
    missing, _ = missing_shared({}, extras)
    return sorted(named & missing.keys())


def _missing(table, fields):
    """At most so many as a project may have, each name once; a name that is none is no field's."""
    known = {field.name.casefold() for field in fields}
    told = {}
    for field in table.extras.get("fields", ()):
        name = field.get("name")
        fits = isinstance(name, str) and 0 < len(name) <= LONGEST_FIELD_NAME
        if fits and name.casefold() not in known:
            told.setdefault(name.casefold(), field)
    return list(told.values())[:MOST_FIELDS]


def plan_of(arrival: CaseImport) -> Plan:
    """How the file is taken, with what the project knows by name."""
    project = arrival.project
    members = project.memberships.of_people().select_related("user")
    base = project.suites.filter(pk=arrival.options.get("suite") or None).first()
    return Plan(
        arrival.mapping,
        arrival.options,
        fields={field.name: field for field in project.custom_fields.all()},
        people={member.user.email.lower(): member.user for member in members},
        shared={row.title: row for row in project.shared_steps.all()},
        base=_names(base),
        single=arrival.format not in ("csv", "xlsx"),
        exact=arrival.format == "json",
    )


def source_of(arrival: CaseImport) -> str:
    """What ids of the file are remembered under: the tool, or the format."""
    return arrival.options.get("tool") or arrival.format


def preview(arrival: CaseImport, plan: Plan) -> list[Draft]:
    """The first cases as they would become; the plan gets to know shared steps of the file."""
    lend(plan, {title: [] for title in arrival.options.get("shared", ())})
    rows = [
        Row(row["number"], row["cells"], frozenset(row["continued"]), row["problem"])
        for row in arrival.options.get("sample", [])
    ]
    return list(itertools.islice(drafts_of(rows, plan), PREVIEWED))


@transaction.atomic
def prepare(arrival: CaseImport, *, mapping: dict[str, str], **chosen: Any) -> CaseImport:
    """Keep mapping and options of a file that was not started. Raises Refused."""
    arrival = lock_startable(arrival)
    choose(arrival, mapping, chosen, whole=False)
    arrival.save(update_fields=["mapping", "options", "warnings"])
    return arrival


def lock_startable(arrival: CaseImport) -> CaseImport:
    """The import as it is now, which nobody starts meanwhile. Raises TransitionRefused."""
    rows = CaseImport.objects.select_for_update(no_key=True, of=("self",))
    held = rows.select_related("project").get(pk=arrival.pk)
    if held.state not in STARTABLE:
        raise TransitionRefused(
            f"The import of {held} is not to be changed any more: "
            f"{held.get_state_display().lower()}. Send the file again for another one.",
            code="wrong_state",
        )
    return held


def choose(
    arrival: CaseImport, mapping: dict | None, chosen: dict[str, Any], *, whole: bool
) -> None:
    """Set mapping and options; the import is not saved. Raises Unprocessable.

    Where another encoding, delimiter or sheet gives other columns, the mapping is guessed again.
    `whole`: it has to say all that a start needs.
    """
    before = arrival.options["columns"]
    if any(chosen.get(name) not in ("", None, arrival.options.get(name)) for name in READ_OPTIONS):
        look_again(arrival, **chosen)
    if arrival.options["columns"] != before:
        mapping = None
    for name in CHOSEN_OPTIONS:
        if name in chosen:
            arrival.options[name] = chosen[name] or ""
    if mapping is not None:
        arrival.mapping = {column: target for column, target in mapping.items() if target}
    targets = targets_of(arrival.project.custom_fields.all())
    wrong = check(arrival.mapping, arrival.options["columns"], targets, whole=whole)
    if wrong:
        raise Unprocessable(" ".join(wrong), field="mapping", code="mapping")


def _kept(row: Row) -> dict[str, Any]:
    return {
        "number": row.number,
        "cells": {column: _short(value) for column, value in row.cells.items()},
        "continued": sorted(row.continued),
        "problem": row.problem,
    }


def _short(value):
    if isinstance(value, str):
        return value[:SAMPLE_CELL]
    if isinstance(value, dict):
        return {name: _short(inner) for name, inner in list(value.items())[:50]}
    return [_short(inner) for inner in value[:50]] if isinstance(value, list) else value


def _names(suite) -> tuple[str, ...]:
    names = []
    while suite is not None:
        names.append(suite.name)
        suite = suite.parent
    return tuple(reversed(names))
