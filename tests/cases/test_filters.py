"""Saved filters: a person's own, and those that are shared with the project."""

import json

import pytest
from django.urls import reverse
from django.utils.html import escape

from apps.cases.lifecycle import change_filter, delete_filter, save_filter
from apps.cases.lifecycle.filters import MOST
from apps.cases.models import SavedFilter
from apps.projects.lifecycle import archive_project
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite, make_token
from tests.races import meet, overtake

pytestmark = uses(populate_cast)

API = "/api/v1/projects/WEB/filters/"


def page(name, *args):
    return reverse(f"cases:{name}", args=["WEB", *args])


def keep(project, by, name="Smoke", **fields):
    return save_filter(project, by=by, name=name, **{"query": "tag:smoke", **fields})


def send(client, person, method, address, body=None):
    client.force_login(person)
    answer = client.generic(
        method, address, "" if body is None else json.dumps(body), "application/json"
    )
    return answer.status_code, answer.json() if answer.content else None


def test_a_member_saves_what_the_list_asks_for_and_finds_it_again(project, viewer, client):
    make_case(project, "Pays", tags=["smoke"])
    make_case(project, "Signs in")
    client.force_login(viewer)
    shown = client.get(f"{page('list')}?q=tag:smoke")
    assert 'name="query" value="tag:smoke"' in shown.content.decode()
    answer = client.post(page("filter_create"), {"name": "Smoke", "query": "tag:smoke"})
    assert answer.url == f"{page('list')}?q=tag%3Asmoke"
    shown = client.get(answer.url)
    assert [row["case"].title for row in shown.context["rows"]] == ["Pays"]
    assert 'aria-current="true"' in shown.content.decode().split("Saved filters")[1][:400]
    saved = SavedFilter.objects.get()
    assert (saved.created_by, saved.is_shared) == (viewer, False)
    assert project.activity.filter(verb="filter.save", object_id=str(saved.pk)).exists()


def test_a_filter_of_ones_own_is_seen_by_nobody_else(project, manager, tester, client):
    saved = keep(project, tester, "Mine")
    ours = keep(project, manager, "Ours", is_shared=True)
    client.force_login(manager)
    assert "Mine" not in client.get(page("list")).content.decode()
    assert [row["filter"] for row in client.get(page("filters")).context["filters"]] == [ours]
    for address in (page("filter_edit", saved.pk), f"{API}{saved.pk}/"):
        assert client.get(address).status_code == 404
    assert client.post(page("filter_delete", saved.pk)).status_code == 404
    client.force_login(tester)
    assert {*client.get(page("list")).context["filters"]} == {saved, ours}


def test_sharing_wants_the_right_to_edit_cases(project, manager, tester, client):
    assert send(client, tester, "POST", API, {"name": "a", "shared": True})[0] == 403
    status, mine = send(client, tester, "POST", API, {"name": "a", "query": "pays"})
    assert (status, mine["shared"], mine["owner"]) == (201, False, str(tester))
    assert send(client, tester, "PATCH", f"{API}{mine['id']}/", {"shared": True})[0] == 403
    assert send(client, manager, "POST", API, {"name": "a", "shared": True})[0] == 201
    client.force_login(tester)
    form = {"name": "b", "query": "x", "is_shared": "on"}
    assert client.post(page("filter_create"), form).status_code == 403


def test_only_its_owner_changes_a_filter_and_managers_remove_shared_ones(
    project, owner, manager, tester, client
):
    saved = keep(project, owner, is_shared=True)
    address = f"{API}{saved.pk}/"
    assert send(client, tester, "GET", address)[1]["query"] == "tag:smoke"
    assert send(client, manager, "PATCH", address, {"name": "x"})[0] == 403
    assert send(client, tester, "DELETE", address)[0] == 403
    status, changed = send(client, owner, "PATCH", address, {"name": "Fast", "shared": False})
    assert (status, changed["name"], changed["query"]) == (200, "Fast", "tag:smoke")
    assert send(client, manager, "DELETE", address)[0] == 404
    send(client, owner, "PATCH", address, {"shared": True})
    assert send(client, manager, "DELETE", address) == (204, None)
    verbs = project.activity.filter(verb__startswith="filter.").values_list("verb", flat=True)
    assert sorted(set(verbs)) == ["filter.change", "filter.delete", "filter.save"]


def test_a_name_is_used_once_by_a_person(project, manager, tester, client):
    keep(project, manager)
    keep(project, tester)
    status, problem = send(client, manager, "POST", API, {"name": "Smoke"})
    assert (status, problem["errors"][0]["field"]) == (409, "name")
    client.force_login(manager)
    answer = client.post(page("filter_create"), {"name": "Smoke", "query": "x"})
    assert answer.status_code == 422
    assert "of this name already" in answer.content.decode()


def test_what_is_no_query_is_not_saved(project, manager, client):
    status, problem = send(client, manager, "POST", API, {"name": "a", "query": "stats:x"})
    assert status == 400
    assert problem["errors"] == [
        {
            "field": "query",
            "code": "query",
            "message": "Column 1: there is no field “stats”. Did you mean status?",
        }
    ]
    client.force_login(manager)
    answer = client.post(page("filter_create"), {"name": "a", "query": "a or"})
    assert answer.status_code == 422
    assert "Column 5" in answer.content.decode()
    with pytest.raises(Refused, match="Column 1"):
        keep(project, manager, query="or")
    assert not SavedFilter.objects.exists()


def test_a_person_keeps_a_hundred_and_no_more(project, viewer):
    SavedFilter.objects.bulk_create(
        SavedFilter(project=project, created_by=viewer, name=str(number)) for number in range(MOST)
    )
    with pytest.raises(Refused, match="delete one"):
        keep(project, viewer)


def test_neither_a_reading_token_nor_an_archived_project_keeps_a_filter(
    project, owner, viewer, client
):
    token = {"HTTP_AUTHORIZATION": f"Bearer {make_token(viewer, scope='read')}"}
    answer = client.post(API, {"name": "a"}, content_type="application/json", **token)
    assert answer.status_code == 403
    archive_project(project, by=owner)
    project.refresh_from_db()
    with pytest.raises(Refused, match="archived"):
        keep(project, viewer)


# Two at once

RACES = pytest.mark.django_db(transaction=True)


@RACES
@pytest.mark.races("apps.cases.lifecycle.save_filter")
def test_one_name_is_saved_once(project, viewer):
    outcomes = meet(*[lambda: keep(project, viewer)] * 2, allow=[Refused])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "SavedFilter"]
    assert project.saved_filters.count() == 1


@RACES
@pytest.mark.races("apps.cases.lifecycle.change_filter", "apps.cases.lifecycle.delete_filter")
def test_a_filter_that_goes_meanwhile_is_not_changed(project, viewer):
    saved = keep(project, viewer)
    outcomes = overtake(
        lambda: delete_filter(saved, by=viewer),
        lambda: change_filter(saved, by=viewer, name="Fast"),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert not project.saved_filters.exists()
    assert not project.activity.filter(verb="filter.change").exists()


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ({"q": "tag:smoke or tag:slow"}, "tag:smoke or tag:slow"),
        ({"q": "tag:smoke", "suite": "cart"}, 'suite:"/Shop \\"A\\" / cart" tag:smoke'),
        ({"q": "a  or b", "suite": "cart"}, 'suite:"/Shop \\"A\\" / cart" (a or b)'),
        ({"suite": "cart"}, 'suite:"/Shop \\"A\\" / cart"'),
        ({"q": "-x", "suite": "none"}, "suite:none -x"),
    ],
)
def test_a_filter_keeps_the_suite_of_the_list(client, project, owner, asked, query):
    cart = make_suite(project, "cart", make_suite(project, 'Shop "A"'))
    make_case(project, "a", suite=cart, tags=["smoke"])
    make_case(project, "b", tags=["smoke", "slow"])
    client.force_login(owner)
    asked = {**asked, **({"suite": str(cart.pk)} if asked.get("suite") == "cart" else {})}
    listed = client.get(page("list"), asked)
    assert f'name="query" value="{escape(query)}"' in listed.text
    saved = save_filter(project, by=owner, name="Kept", query=query)
    again = client.get(saved.get_absolute_url())
    first, second = ([row["case"] for row in answer.context["rows"]] for answer in (listed, again))
    assert first == second != []
    assert f'href="{escape(saved.get_absolute_url())}" aria-current="true"' in again.text


def test_what_narrows_nothing_cannot_be_saved(client, project, owner):
    client.force_login(owner)
    for asked in ({}, {"q": "a or"}):
        assert 'id="save-filter"' not in client.get(page("list"), asked).text


def test_a_filter_of_a_suite_finds_none_of_the_same_name(client, project, owner):
    cart = make_suite(project, "Cart")
    here = make_case(project, "here", suite=cart)
    for elsewhere in (make_suite(project, "Cart", make_suite(project, "Old")), None):
        make_case(project, "there", suite=elsewhere or make_suite(project, "cart"))
    client.force_login(owner)
    query = client.get(cart.get_absolute_url()).context["query_to_save"]
    saved = save_filter(project, by=owner, name="Kept", query=query)
    listed = client.get(saved.get_absolute_url()).context["rows"]
    assert [row["case"] for row in listed] == [here]


def test_a_filter_that_would_be_too_long_is_not_offered(client, project, owner):
    suite = make_suite(project, "x" * 999)
    make_case(project, suite=suite)
    client.force_login(owner)
    assert 'id="save-filter"' not in client.get(suite.get_absolute_url()).text
