"""What Control K finds within a project."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.cases.lifecycle import archive_case
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_suite

pytestmark = uses(populate_cast)


@pytest.fixture
def find(client):
    def ask(person, text):
        client.force_login(person)
        answer = client.get(reverse("runs:find", args=["WEB"]), {"q": text})
        return {
            group.title: [place.label for place in group.places]
            for group in answer.context["groups"]
        }

    return ask


def test_cases_runs_suites_and_actions_are_found(project, manager, viewer, find):
    suite = make_suite(project, "Checkout")
    make_case(project, "Opens the basket", suite=suite, steps=[{"action": "Pay by card"}])
    make_case(project, "Pays by card", suite=suite)
    archive_case(make_case(project, "Pays by cheque"), by=manager)
    make_run(project, "Nightly payments")
    make_run(project, "Smoke")
    assert find(manager, "pay") == {
        "Cases": ["Pays by card", "Opens the basket"], "Runs": ["Nightly payments"]
    }  # fmt: skip
    assert find(manager, "card by pa")["Cases"] == ["Pays by card", "Opens the basket"]
    assert find(manager, "WEB-1") == {"Cases": ["Opens the basket"]}
    assert find(manager, "#2") == {"Cases": ["Pays by card"], "Runs": ["Smoke"]}
    assert find(manager, "checko") == {"Suites": ["Checkout"]}
    assert find(manager, "new ca") == {"Actions": ["New case"]}
    assert find(viewer, "new ca") == {}
    assert find(viewer, "failed") == {"Actions": ["Cases that failed last"]}
    assert find(manager, "") == {}


def test_nothing_of_another_project_is_found(project, other_project, manager, find):
    make_case(other_project, "Secret case")
    make_run(other_project, "Secret run")
    make_suite(other_project, "Secret suite")
    assert find(manager, "secret") == {}
    assert find(manager, "OPS-1") == {}


def test_any_text_is_answered_with_twenty_at_most(project, manager, find):
    for number in range(12):
        make_case(project, f"New case {number}")
        make_suite(project, f"New {number}")
        make_run(project, f"New {number}")
    assert sum(map(len, find(manager, "new").values())) <= 20
    for text in ("'", "a'b & !c", "\0", "\\", ":*", "(", "é" * 300, "/", "%", "<->", "😀"):
        find(manager, text)


def test_it_costs_the_same_for_one_row_and_for_twenty(project, manager, find):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            find(manager, "pays")
        return len(queries)

    make_case(project, "Pays", suite=make_suite(project, "Pays"))
    make_run(project, "Pays")
    one = cost()
    for number in range(20):
        make_case(project, f"Pays {number}", suite=make_suite(project, f"Pays {number}"))
        make_run(project, f"Pays {number}")
    assert cost() <= one
