"""Our own JSON: everything that a case says comes back equal, here and in another project."""

import json

import pytest

from apps.cases.content import content_of
from apps.cases.models import Case
from testoqa.testing import uses
from tests.data import populate_cast

from .importing import Importer, outcomes, told

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]

CUSTOM = {
    "Note": "as it is", "Number": 1.5, "Browser": "Firefox", "Systems": ["Linux", "macOS"],
    "Due": "2025-12-31", "Expert": "manager@example.com", "Spec": "https://example.com/s",
    "Legal": True,
}  # fmt: skip
FIELDS = [
    {"name": "Note", "kind": "text"},
    {"name": "Number", "kind": "number"},
    {"name": "Browser", "kind": "choice", "options": ["Firefox", "Chromium"]},
    {"name": "Systems", "kind": "choices", "options": ["Linux", "macOS", "Windows"]},
    {"name": "Due", "kind": "date"},
    {"name": "Expert", "kind": "person"},
    {"name": "Spec", "kind": "url"},
    {"name": "Legal", "kind": "checkbox"},
]
SHARED = [{"action": "Open the page", "expected": "It shows", "data": ""}]
FULL = {
    "key": "WEB-1",
    "suite": ["Shop", "A / B"],
    "title": "Pays  by card",
    "kind": "automated",
    "status": "deprecated",
    "priority": "P0",
    "severity": "blocker",
    "owner": "manager@example.com",
    "estimate_seconds": 90,
    "preconditions": "A cart\n",
    "description": "<b>as it is</b>",
    "steps": [{"shared": "Sign in"}, {"action": " Pay ", "expected": "Paid", "data": "4111"}],
    "tags": ["money", "smoke"],
    "links": [{"title": "Design", "url": "https://example.com/d"}],
    "requirements": [{"name": "REQ, 1", "url": ""}],
    "automation_key": "shop.Cart::pays",
    "aliases": ["old::pays"],
    "custom": CUSTOM,
    "archived": False,
}
SUITE = {
    "path": ["Shop"], "description": "All of it", "execution_order": 3, "timeout_seconds": 20,
    "parallel_safe": False, "prerequisites": "A database", "owner": "manager@example.com",
}  # fmt: skip


def file_of(*cases, **more):
    whole = {
        "format": "testoqa-cases", "version": 1, "suites": [SUITE],
        "shared_steps": [{"title": "Sign in", "steps": SHARED}], "fields": FIELDS,
        "cases": list(cases),
    }  # fmt: skip
    return json.dumps(whole | more)


def add_fields(project):
    for field in FIELDS:
        project.custom_fields.create(**field)


def test_every_field_comes_back_equal_and_again_nothing_changes(importer, project):
    add_fields(project)
    arrival = importer.take(file_of(FULL, FULL | {"key": "WEB-2", "archived": True}), "x.json")
    assert outcomes(arrival) == ["created", "created"], told(arrival)
    assert arrival.warnings == []
    case = Case.objects.with_content().get(number=1)
    content = content_of(case)
    shared = project.shared_steps.get()
    assert content == {
        **{name: FULL[name] for name in FULL if name not in ("key", "archived")},
        "suite": "Shop / A / B",
        "steps": [
            {"shared": str(shared.pk), "title": "Sign in", "steps": SHARED},
            FULL["steps"][1],
        ],
    }
    assert case.versions.get().content == content
    assert case.suite.name == "A / B"
    top = project.suites.get(name="Shop", parent=None)
    assert (top.execution_order, top.timeout_seconds, top.parallel_safe) == (3, 20, False)
    assert (top.prerequisites, top.owner.email) == ("A database", "manager@example.com")
    assert Case.objects.get(number=2).is_archived
    again = importer.take(file_of(FULL, FULL | {"key": "WEB-2", "archived": True}), "x.json")
    assert outcomes(again) == ["unchanged", "unchanged"], told(again)


def test_a_member_that_is_left_out_stays(importer, project):
    add_fields(project)
    importer.take(file_of(FULL), "x.json")
    changed = importer.take(file_of({"key": "WEB-1", "title": "Pays"}), "x.json")
    assert outcomes(changed) == ["updated"]
    content = content_of(Case.objects.with_content().get())
    assert (content["title"], content["custom"], len(content["steps"])) == ("Pays", CUSTOM, 2)


def test_another_project_knows_the_case_by_its_former_key(other_project, outsider, run_jobs):
    there = Importer(other_project, outsider, run_jobs)
    case = FULL | {"owner": "", "custom": {}}
    assert outcomes(there.take(file_of(case), "x.json")) == ["created"]
    again = there.take(file_of(case), "x.json")
    assert told(again)[0][1:] == ("unchanged", "", "Found by its id, WEB-1.")
    assert "no field “Browser”" in " ".join(again.warnings)


def test_a_try_makes_neither_suites_nor_shared_steps(importer, project):
    arrival = importer.take(file_of(FULL | {"custom": {}}), "x.json", dry_run=True)
    assert outcomes(arrival) == ["created"], told(arrival)
    assert not project.suites.exists() and not project.shared_steps.exists()


def test_what_does_not_fit_is_refused_with_its_member(importer):
    cases = [
        FULL | {"key": "", "custom": {}, "steps": [{"shared": "Nowhere"}]},
        FULL | {"key": "", "custom": {}, "links": [{"title": "x", "url": "javascript:alert(1)"}]},
        FULL | {"key": "", "custom": {}, "title": " "},
        FULL | {"key": "", "custom": {}, "steps": ["x"] * 300},
        7,
    ]
    arrival = importer.take(file_of(*cases), "x.json", unknown="refuse")
    assert [column for _, _, column, _ in told(arrival)[:3]] == ["steps", "links", "title"]
    reasons = [reason for *_, reason in told(arrival)]
    assert "no shared steps called “Nowhere”" in reasons[0]
    assert "has 300 steps" in reasons[3]
    assert outcomes(arrival)[:4] == ["refused"] * 4
