"""The list and the report itself, as people read them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.reports import views
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_member, make_report, owner_of
from tests.reports.results import make_run_with

pytestmark = uses(populate_cast)

PAGES = "/projects/WEB/reports/"
API = "/api/v1/projects/WEB/reports/"


@pytest.mark.parametrize("address", [PAGES, API])
def test_the_list_costs_the_same_for_one_and_for_twenty(client, project, address):
    run = make_run_with(project, ["failed"])
    other = make_run_with(project, ["passed"])
    make_report(project, run)
    client.force_login(owner_of(project))
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(19):
        make_report(project, run, other, by=make_member(project))
    with CaptureQueriesContext(connection) as twenty:
        answer = client.get(address)
    assert answer.content.count(b"Runs #1 to #2") == 19
    assert len(twenty) == len(one)


def test_the_list_has_a_total_order(project):
    assert project.reports.for_list().totally_ordered


def test_an_empty_list_says_how_to_begin(client, project, viewer):
    client.force_login(owner_of(project))
    assert b"New report" in client.get(PAGES).content
    client.force_login(viewer)
    page = client.get(PAGES).content
    assert b"No reports yet" in page
    assert b"New report" not in page


def test_buttons_are_those_that_the_reader_may_use(client, project, viewer, tester, manager):
    make_report(project, make_run_with(project, []))
    shown = {}
    for role, person in [("viewer", viewer), ("tester", tester), ("manager", manager)]:
        client.force_login(person)
        page = client.get(f"{PAGES}1/").content
        shown[role] = (b"/remake/" in page, b"/delete/" in page)
    assert shown == {"viewer": (False, False), "tester": (True, False), "manager": (True, True)}


def test_the_page_counts_the_failures_it_does_not_show(client, project, monkeypatch):
    monkeypatch.setattr(views, "SHOWN_FAILURES", 2)
    make_report(project, make_run_with(project, ["failed"] * 5))
    client.force_login(owner_of(project))
    page = client.get(f"{PAGES}1/").content.decode()
    assert "3 more failures are not shown here" in page
    printed = client.get(f"{PAGES}1/?format=html").getvalue().decode()
    assert "not shown" not in printed
    assert printed.count('class="frow"') == 5


@pytest.mark.parametrize(
    ("results", "headline", "status"),
    [
        (["passed"], "Every test that ran has passed", "passed"),
        (["passed", "skipped"], "Every test that ran has passed", "passed"),
        (["passed", "blocked"], "1 tests passed, and not all have run", "partial"),
        (["failed"], "1 test fails, none of them newly", "failed"),
        (["skipped"], "No test has passed", "partial"),
        ([], "No test has passed", "partial"),
    ],
)
def test_the_headline_says_what_happened(project, results, headline, status):
    report = make_report(project, make_run_with(project, results))
    assert (report.headline, report.status) == (headline, status)
    both = make_report(project, report.first_run, make_run_with(project, results))
    assert both.status == status
