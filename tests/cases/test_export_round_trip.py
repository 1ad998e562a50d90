"""Cases with every kind of field and step leave as JSON or with their project, and come back.

Forty of them; with TESTOQA_TEST_ALL=1 five thousand, and how long each way took is printed.
"""

import copy
import json
import os
import time
from contextlib import contextmanager

import pytest
from django.db.models import GeneratedField

from apps.cases import lifecycle
from apps.cases.contents import contents_of
from apps.cases.models import Case
from testoqa.archives import export_project, import_project
from testoqa.testing import uses
from tests.cases.importing import Importer, upload
from tests.data import populate_cast
from tests.factories import make_case, make_member, make_suite, owner_of

pytestmark = uses(populate_cast)

WRITTEN = 240
"""By their verb, which takes some 20 ms each; the rows of these are copied for the others."""
COUNT = 5_000 if os.environ.get("TESTOQA_TEST_ALL") else 40
FIELDS = {
    "Words": ("text", [], lambda n: f"=words «{n}»"),
    "Level": ("number", [], lambda n: n - 3 if n % 2 else n / 4),
    "Browser": ("choice", ["firefox", "chrome"], lambda n: ["firefox", "chrome"][n % 2]),
    "Devices": ("choices", ["phone", "desk", "tv"], lambda n: ["phone", "tv"][: 1 + n % 2]),
    "Due": ("date", [], lambda n: f"2026-0{1 + n % 9}-11"),
    "Helper": ("person", [], lambda n: "manager@example.com"),
    "Page": ("url", [], lambda n: f"https://example.com/{n}?a=b&c"),
    "Legal": ("checkbox", [], lambda n: n % 2 == 0),
}
TEXTS = [
    "",
    "One line",
    "Two\nlines",
    "# Märkte\n\n- **fett** `code` <b>",
    "日本 😀 \\ \" '",
    "=1+1",
]


def make_fields(project):
    for place, (name, (kind, options, _)) in enumerate(FIELDS.items(), 1):
        project.custom_fields.create(name=name, kind=kind, options=options, position=place)


def make_many(project, by):
    make_fields(project)
    top = make_suite(project, "Shop / Web", description="All", timeout_seconds=60, owner=by)
    suites = [None, top, make_suite(project, "Pay", top, parallel_safe=False, execution_order=3)]
    signing = [
        {"action": "Type", "expected": "", "data": "ada"},
        {"action": "Go", "expected": "In", "data": ""},
    ]
    shared = project.shared_steps.create(title="Sign in, “always”", steps=signing)
    for number in range(min(COUNT, WRITTEN)):
        text = TEXTS[number % len(TEXTS)]
        steps = [
            {"action": text or "Look", "expected": "", "data": ""},
            {"shared": str(shared.pk)},
            {"action": "", "expected": text or "Seen", "data": "x\ty"},
        ]
        make_case(
            project, f"Case {number}: {text.splitlines()[0] if text else 'plain'}", by=by,
            suite=suites[number % 3], kind=["manual", "automated", "http"][number % 3],
            status=list(Case.Status)[number % 4], priority=f"P{number % 4}",
            severity=list(Case.Severity)[number % 6], owner=by if number % 2 else None,
            estimate_seconds=number * 7 if number % 5 else None, preconditions=text,
            description=text, steps=steps[: number % 4],
            tags=["web", f"t{number % 7}"][: number % 3],
            links=[{"title": "Issue, one", "url": "https://example.com/i"}][: number % 2],
            requirements=[{"name": f"R;{number}", "url": ""}][: number % 2],
            automation_key=f"shop::case {number}" if number % 2 else "",
            aliases=[f"former, {number}", "b"][: number % 3],
            custom={name: value(number) for name, (_, _, value) in FIELDS.items() if number % 8},
        )  # fmt: skip
    copy_rows(project, max(0, COUNT - WRITTEN))
    lifecycle.archive_case(project.cases.get(number=2), by=by)


def copy_rows(project, more):
    """So many cases more, each with a number, a title and an automation key of its own."""
    written = list(project.cases.prefetch_related("steps", "case_tags", "aliases", "versions"))
    cases, parts = [], {"steps": [], "case_tags": [], "aliases": [], "versions": []}
    for place in range(more):
        case = written[place % WRITTEN]
        key = case.automation_key and f"{case.automation_key} ({place})"
        said = {"title": f"{case.title} ({place})", "automation_key": key}
        cases.append(copied(case, number=WRITTEN + place + 1, **said))
    for place, case in enumerate(Case.objects.bulk_create(cases)):
        for name, rows in parts.items():
            rows += [
                copied(row, case_id=case.pk)
                for row in getattr(written[place % WRITTEN], name).all()
            ]
        parts["versions"][-1].content |= {
            "title": case.title,
            "automation_key": case.automation_key,
        }
    for rows in filter(None, parts.values()):
        type(rows[0]).objects.bulk_create(rows)
    type(project).objects.filter(pk=project.pk).update(last_case_number=WRITTEN + more)


def copied(row, **changes):
    """A new row that says the same but for the changes."""
    fields = [
        field
        for field in row._meta.concrete_fields
        if not field.primary_key and not isinstance(field, GeneratedField)
    ]
    said = {field.attname: copy.deepcopy(getattr(row, field.attname)) for field in fields}
    return type(row)(**said | changes)


def told(project):
    """{number: content} of all cases; shared steps by what they say."""
    contents = {}
    for case in contents_of(project.cases.values_list("pk", flat=True)).values():
        for step in case.content["steps"]:
            step.pop("shared", None)
        contents[case.number] = (case.content, case.is_archived)
    return contents


@contextmanager
def timed(what):
    began = time.perf_counter()
    yield
    print(f"{what} of {COUNT:,} cases: {time.perf_counter() - began:.2f} s")


def export(client, key):
    query = {"format": "json", "q": ""}
    answer = b"".join(client.get(f"/projects/{key}/cases/export/", query))
    return json.loads(answer), answer


@pytest.mark.django_db(transaction=True)
def test_json_comes_back_equal(client, project, other_project, manager, run_jobs):
    make_many(project, manager)
    lifecycle.restore_case(project.cases.get(number=2), by=manager)
    client.force_login(manager)
    with timed("Export to JSON"):
        first, data = export(client, "WEB")
    assert len(first["cases"]) == COUNT

    again = Importer(project, manager, run_jobs).take(data, "cases.json")
    assert (again.state, again.unchanged, again.refused) == ("done", COUNT, 0)

    make_member(other_project, "manager", manager)
    keyless = data.replace(b'"key":"WEB-', b'"was":"WEB-')
    owner = owner_of(other_project)
    lifecycle.add_missing_fields(upload(other_project, keyless, "cases.json", by=owner), by=owner)
    with timed("Import of JSON"):
        there = Importer(other_project, owner, run_jobs).take(keyless, "cases.json")
    assert (there.state, there.reason, there.created) == ("done", "", COUNT)
    assert told(other_project) == told(project)
    second, _ = export(client, "OPS")
    for name in ("suites", "shared_steps", "fields"):
        assert second[name] == first[name]
    for case in [*first["cases"], *second["cases"]]:
        case["key"] = case["key"].partition("-")[2]
    assert second["cases"] == first["cases"]


def test_the_archive_of_the_project_comes_back_equal(project, manager, tmp_path):
    make_many(project, manager)
    with timed("Export of the project"):
        export_project("WEB", tmp_path / "WEB.zip")
    with timed("Import of the project"):
        copy = import_project(tmp_path / "WEB.zip", key="NEW")
    assert told(copy) == told(project)
