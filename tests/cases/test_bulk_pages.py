import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.bulk import work
from apps.cases.bulk.wanted import Wanted
from apps.cases.models import BulkChange
from apps.projects.pages import PAGE_SIZE
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_member, make_suite

pytestmark = uses(populate_cast)


def page(name, *args):
    return reverse(f"cases:{name}", args=["WEB", *args])


def said(answer):
    return [(str(message), message.extra_tags) for message in get_messages(answer.wsgi_request)]


def typed(*cases, **fields):
    return {"case": [str(case.number) for case in cases], **fields}


def test_selected_cases_are_asked_for_and_changed_and_the_list_is_shown_again(
    project, manager, post, client
):
    one, two = make_case(project, "one"), make_case(project, "two")
    client.force_login(manager)
    asked = client.get(
        page("change_start"), typed(one, two, do="priority", query="q=pays&sort=title")
    )
    assert asked.status_code == 200
    assert "2 cases" in asked.text
    answer = post(
        manager,
        page("change_start"),
        **typed(one, two, do="priority", priority="P0", query="q=pays&sort=title"),
    )
    change = project.bulk_changes.get()
    assert answer.url == f"{page('list')}?q=pays&sort=title"
    assert said(answer) == [
        ("Set priority to P0: 2 cases.", page("change_undo", change.pk)),
    ]  # fmt: skip
    assert set(project.cases.values_list("priority", flat=True)) == {"P0"}
    undone = post(manager, page("change_undo", change.pk), back="q=pays")
    assert undone.url == f"{page('list')}?q=pays"
    assert set(project.cases.values_list("priority", flat=True)) == {"P2"}


def test_each_thing_to_do_has_its_form(project, other_project, manager, post):
    make_member(other_project, "manager", manager)
    suite = make_suite(project, "checkout")
    make_suite(other_project, "Incoming")
    browser = project.custom_fields.create(
        name="Browser", kind="choice", options=["firefox", "chromium"]
    )
    case = make_case(project, "one", tags=["old"], owner=manager)
    for fields in (
        {"do": "tag", "add_tags": "smoke, money", "remove_tags": "old"},
        {"do": "move", "suite": "checkout"},
        {
            "do": "set", "status": "deprecated", "severity": "major", "kind": "automated",
            "estimate": "1h 30m", f"custom-{browser.pk}": "firefox", "empty": ["owner"],
        },
        {"do": "copy", "project_to": "OPS", "suite": "incoming"},
        {"do": "archive"},
    ):  # fmt: skip
        answer = post(manager, page("change_start"), **typed(case, **fields))
        assert answer.status_code == 302, answer.text
    case = project.cases.with_content().get()
    assert (case.tags, case.suite, case.status) == (["money", "smoke"], suite, "deprecated")
    assert (case.owner, case.estimate_seconds, case.custom) == (None, 5400, {"Browser": "firefox"})
    assert case.is_archived
    assert str(other_project.cases.get().suite) == "Incoming"
    post(manager, page("change_start"), **typed(case, do="restore"))
    assert not project.cases.get().is_archived


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"do": "tag"}, "Name a tag"),
        ({"do": "set"}, "every field is left as it is"),
        ({"do": "set", "estimate": "soon"}, "Write how long"),
        ({"do": "move", "suite": "nowhere"}, "No suite has the path"),
        ({"do": "copy", "project_to": "OPS"}, "Select a valid choice"),
        ({"do": "copy", "project_to": "WEB", "suite": "nowhere"}, "No suite has the path"),
        ({"do": "priority", "priority": "P9"}, "Select a valid choice"),
        ({"do": "archive", "case": ["77"]}, "has no case WEB-77"),
        ({"do": "archive", "case": ["x"]}, "has no case WEB-x"),
        ({"do": "archive", "case": []}, "No case is chosen"),
        ({"do": "archive", "all": "1", "query": "q=priority:P9"}, "priority"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_changes(project, manager, post, fields, error):
    case = make_case(project)
    answer = post(manager, page("change_start"), **typed(case) | fields)
    assert answer.status_code == 422
    assert error in answer.text
    assert (project.cases.get().version, project.cases.get().is_archived) == (1, False)
    assert not BulkChange.objects.exists()


def test_all_that_match_are_those_that_the_query_finds_now(project, manager, post):
    suite = make_suite(project, "checkout")
    for title in ("Pays by card", "Pays by voucher"):
        make_case(project, title, suite=suite)
    make_case(project, "Pays elsewhere")
    query = f"q=pays&suite={suite.pk}&sort=title&after=x"
    post(manager, page("change_start"), do="tag", add_tags="smoke", all="1", query=query)
    change = project.bulk_changes.get()
    assert (change.total, change.arguments["query"]) == (2, query)
    assert set(project.casetags.values_list("case__suite", flat=True)) == {suite.pk}


def test_many_cases_have_a_page_that_tells_how_far_it_is(
    project, manager, viewer, post, client, monkeypatch
):
    monkeypatch.setattr(work, "QUICK", 1)
    monkeypatch.setattr(work, "AT_ONCE", 1)
    one, two = make_case(project, "one"), make_case(project, "two")
    lifecycle.archive_case(two, by=manager)
    answer = post(
        manager, page("change_start"), **typed(one, two, do="tag", add_tags="<i>smoke</i>")
    )
    change = project.bulk_changes.get()
    assert answer.url == page("change", change.pk)
    client.force_login(viewer)
    shown = client.get(answer.url, headers={"HX-Request": "true"})
    assert "0 of 2 cases" in shown.text
    assert "every 1s" in shown.text
    assert "<i>" not in shown.text and "stop/" not in shown.text
    client.force_login(manager)
    assert "stop/" in client.get(answer.url).text
    client.force_login(viewer)
    while work.go_on(change.pk):
        pass
    shown = client.get(answer.url)
    assert "every 1s" not in shown.text
    assert "1 case. Passed over: 1 archived." in shown.text
    assert "Left as they were" in shown.text
    compare = reverse("cases:compare", args=["WEB", one.number])
    assert f'<a href="{compare}?b=2">2</a>' in shown.text
    assert "undo/" not in shown.text
    client.force_login(manager)
    assert "undo/" in client.get(answer.url).text
    late = change.created_at - timedelta(minutes=11)
    BulkChange.objects.update(finished_at=late)
    assert "undo/" not in client.get(answer.url).text
    refused = post(manager, page("change_undo", change.pk))
    assert "within ten minutes" in said(refused)[-1][0]


def test_the_versions_of_a_change_are_linked_and_once_undone_those_of_its_undoing(
    project, manager, client
):
    case = make_case(project)
    change = lifecycle.change_cases(
        project, project.cases.all(), Wanted(add_tags=["a"], said="Tagged a"), by=manager
    )
    archived = lifecycle.change_cases(
        project, project.cases.all(), Wanted(archive=True, said="Archived"), by=manager
    )
    client.force_login(manager)
    compare = reverse("cases:compare", args=["WEB", case.number])
    assert f"{compare}?b=2" in client.get(page("change", change.pk)).text
    assert compare not in client.get(page("change", archived.pk)).text
    lifecycle.undo_change(archived, by=manager)
    lifecycle.undo_change(change, by=manager)
    assert f"{compare}?b=3" in client.get(page("change", change.pk)).text


def test_changed_cases_are_listed_page_by_page(
    project, manager, client, django_assert_max_num_queries
):
    made = [make_case(project, f"case {number}") for number in range(PAGE_SIZE + 1)]
    wanted = Wanted(add_tags=["a"], said="Tagged a")
    change = lifecycle.change_cases(project, project.cases.all(), wanted, by=manager)
    client.force_login(manager)
    first = client.get(page("change", change.pk))
    assert [item.case_id for item in first.context["page"].rows] == [
        case.pk for case in made[:PAGE_SIZE]
    ]
    after = {"after": first.context["page"].next}
    assert "case 50" in client.get(page("change", change.pk), after).text
    with django_assert_max_num_queries(12):
        client.get(page("change", change.pk), after)


def test_the_list_of_changes_costs_the_same_for_many(project, owner, client):
    client.force_login(owner)
    make_case(project)

    def change(name):
        wanted = Wanted(add_tags=[name], said=f"Tagged {name}")
        lifecycle.change_cases(project, project.cases.all(), wanted, by=owner)

    def cost():
        client.get(page("changes"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page("changes")).status_code == 200
        return len(queries)

    change("first")
    one = cost()
    for number in range(20):
        change(f"tag {number}")
    assert cost() == one
    assert "Tagged tag 19" in client.get(page("changes")).text


def test_a_copied_suite_is_told_of_and_not_undone_here(project, manager, post, client):
    change = project.bulk_changes.create(
        verb="copy_suite", arguments={"to": "x"}, state="done", total=3, done=3, changed=3
    )
    client.force_login(manager)
    assert "Copied the cases of a suite: 3 cases." in client.get(page("change", change.pk)).text
    assert "deleted as a suite" in said(post(manager, page("change_undo", change.pk)))[-1][0]


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ({"archived_suites": "1"}, ["archive"]),
        ({"q": "archived"}, ["archive"]),
        ({"q": "-is:archived"}, ["archive"]),
        ({"q": "is:archived"}, ["restore"]),
        ({"q": "is:archived or archived"}, ["restore", "archive"]),
    ],
)
def test_the_bar_offers_what_the_listed_cases_can_do(project, owner, client, asked, offered):
    make_case(project, "An archived mail is found")
    lifecycle.archive_case(make_case(project, "Old"), by=owner)
    client.force_login(owner)
    text = client.get(page("list"), asked).text
    assert re.findall(r'name="do" value="(archive|restore)"', text) == offered
