"""A case is changed where it stands in the list."""

import pytest
from django.urls import reverse

from apps.cases import lifecycle
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case

pytestmark = uses(populate_cast)

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def case(project):
    return make_case(project, "Pays")


def quick(case):
    return reverse("cases:quick", args=["WEB", case.number])


def typed(**fields):
    return {"title": "Pays", "status": "draft", "priority": "P2", "version": 1, **fields}


def test_the_row_asks_for_its_fields_and_gets_what_was_saved(case, manager, client):
    client.force_login(manager)
    fields = client.get(quick(case), **HTMX).content.decode()
    assert "<html" not in fields
    assert 'value="Pays"' in fields
    answer = client.post(quick(case), typed(title="Pays at once", priority="P0"), **HTMX)
    assert "Saved WEB-1 as version 2." in answer.content.decode()
    case.refresh_from_db()
    assert (case.title, case.priority, case.status, case.version) == (
        "Pays at once", "P0", "draft", 2,
    )  # fmt: skip


def test_without_script_it_is_a_page(case, manager, client):
    client.force_login(manager)
    assert "<html" in client.get(quick(case)).content.decode()
    answer = client.post(quick(case), typed(status="ready"))
    assert answer.url == reverse("cases:list", args=["WEB"])
    case.refresh_from_db()
    assert case.status == "ready"


def test_a_conflict_is_told_in_place_and_what_was_typed_stays(case, manager, client):
    client.force_login(manager)
    lifecycle.change_case(case, by=manager, title="Theirs")
    answer = client.post(quick(case), typed(title="Mine"), **HTMX)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "saved version 2 meanwhile: Title." in text
    assert "It says now: “Theirs”, Draft, P2." in text
    assert answer.context["form"]["title"].value() == "Mine"
    assert answer.context["form"]["version"].value() == 2
    case.refresh_from_db()
    assert case.title == "Theirs"


def test_what_is_wrong_is_told_in_place(case, manager, tester, client):
    client.force_login(manager)
    assert client.post(quick(case), typed(title=""), **HTMX).status_code == 422
    lifecycle.archive_case(case, by=manager)
    answer = client.post(quick(case), typed(title="Late"), **HTMX)
    assert "WEB-1 is archived; restore it first." in answer.content.decode()
    assert answer.status_code == 422
    client.force_login(tester)
    assert client.get(quick(case), **HTMX).status_code == 403
