"""The same number of queries for one row and for twenty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases import lifecycle
from apps.cases.history import last_results
from apps.cases.models import Case
from testoqa.testing import uses
from tests.cases.results import make_results
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def cost(client):
    def count(person, address, **options):
        client.force_login(person)
        client.get(address, **options)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address, **options).status_code == 200
        return len(queries)

    return count


def fill(project, count):
    for number in range(count):
        case = make_case(
            project, f"Case {number}", suite=make_suite(project, f"suite {number}"),
            steps=[{"action": "Open"}, {"action": "Pay"}], tags=[f"tag {number}", "money"],
            aliases=["a", "b"],
        )  # fmt: skip
        make_results(case, ["passed", "failed"])


def test_the_list_costs_the_same_for_one_case_and_for_twenty(project, manager, cost):
    fill(project, 1)
    address = "/projects/WEB/cases/"
    one = cost(manager, address)
    fill_more(project)
    assert cost(manager, address) == one
    assert one <= 12


def test_a_selected_suite_costs_the_same_for_one_case_and_for_twenty(project, manager, cost):
    fill(project, 1)
    suite = project.suites.get()
    address = f"/projects/WEB/cases/?suite={suite.pk}&peek=WEB-1"
    one = cost(manager, address)
    fill_more(project)
    project.cases.update(suite=suite)
    assert cost(manager, address) == one
    assert one <= 12
    assert cost(manager, address, **HTMX) <= 9


def test_a_reload_with_a_peek_stays_cheap_on_every_page_of_the_list(project, manager, cost):
    """The count of the cases is asked for too, and the case may lie on another page."""
    fill(project, 1)
    suite = project.suites.get()
    Case.objects.bulk_create(
        Case(project=project, number=number, title=f"Case {number}", suite=suite)
        for number in range(2, 120)
    )
    for query in ("peek=WEB-1", "peek=WEB-110", "peek=WEB-110&after=50", "peek=WEB-1&tag=money"):
        assert cost(manager, f"/projects/WEB/cases/?suite={suite.pk}&{query}") <= 12


def test_a_case_costs_the_same_for_one_result_and_for_twenty(project, manager, cost):
    fill(project, 1)
    case = project.cases.get()
    one = cost(manager, case.get_absolute_url())
    make_results(case, ["passed"] * 20)
    for number in range(20):
        lifecycle.change_case(case, by=manager, title=f"Title {number}", tags=[f"t{number}", "x"])
    assert cost(manager, case.get_absolute_url()) == one


@pytest.mark.parametrize("address", ["cases/", "suites/", "cases/1/versions/"])
def test_the_api_costs_the_same_for_one_row_and_for_twenty(project, manager, cost, address):
    fill(project, 1)
    one = cost(manager, f"/api/v1/projects/WEB/{address}")
    fill_more(project)
    for number in range(20):
        lifecycle.change_case(project.cases.get(number=1), by=manager, title=f"Title {number}")
    assert cost(manager, f"/api/v1/projects/WEB/{address}") == one


def test_relations_of_a_walk_are_fetched_for_all_rows_at_once(project, django_assert_num_queries):
    fill(project, 20)
    with django_assert_num_queries(2):
        assert {case.suite.path for case in project.cases.order_by("number")[:1]} == {"suite 0"}
    with django_assert_num_queries(2):
        assert len({case.suite.path for case in project.cases.all()}) == 20


def test_last_results_are_one_walk_along_the_index(project):
    fill(project, 3)
    cases = list(project.cases.all())
    with CaptureQueriesContext(connection) as queries:
        assert last_results(cases, 1)[cases[0].pk] == ["failed"]
    assert len(queries) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond: (case_id = shown.id)" in plan
    assert "Limit" in plan


def fill_more(project):
    for number in range(19):
        case = make_case(
            project, f"More {number}", suite=make_suite(project, f"more {number}"),
            steps=[{"action": "Open"}], tags=[f"more {number}"], aliases=["c"],
        )  # fmt: skip
        make_results(case, ["passed"])
