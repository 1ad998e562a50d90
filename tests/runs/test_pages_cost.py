"""The same number of queries for one row and for twenty, on every page of runs and imports."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.runs import lifecycle
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run, send_results

pytestmark = uses(populate_cast)

MOST = 12
MOST_BYTES = 150_000


def cost(client, url, **options):
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url, **options)
    assert response.status_code == 200
    return len(queries)


def fill(run, many, start=0):
    """`many` results of each group, with tries and a history."""
    first, second = [], []
    for number in range(start, start + many):
        first += [
            {"name": f"suite{number}::fails {number}", "status": "failed", "message": "no"},
            {"name": f"suite{number}::passes {number}"},
            {"name": f"suite{number}::tries {number}", "status": "failed", "attempt": 1},
        ]
        second.append({"name": f"suite{number}::tries {number}", "attempt": 2})
    send_results(run, *first)
    send_results(run, *second)


@pytest.fixture
def measured(client, viewer):
    client.force_login(viewer)
    client.get("/projects/WEB/runs/")  # the first page of a process looks content types up
    return lambda url, **options: cost(client, url, **options)


@pytest.mark.parametrize("query", ["", "?status=failed", "?q=a", "?group=rest", "?x={x}", "live/"])
def test_the_page_of_a_run(measured, nightly, project, owner, query):
    before = make_run(project, branch="main", shards=3)
    fill(before, 20)
    lifecycle.finish(before, by=owner)
    fill(nightly, 1)
    url = nightly.get_absolute_url() + query.format(x=nightly.executions.first().pk)
    few = measured(url)
    fill(nightly, 19, start=1)
    assert measured(url) == few <= MOST


def test_the_list_of_runs(measured, project):
    make_run(project)
    few = measured("/projects/WEB/runs/")
    for number in range(19):
        make_run(project, environment=["ci", "prod", "dev"][number % 3])
    assert measured("/projects/WEB/runs/") == few <= MOST


def test_the_drawer_of_an_execution(measured, project):
    nightly = make_run(project)
    fill(nightly, 1)
    execution = nightly.executions.get(title__contains="tries")
    url = f"{nightly.get_absolute_url()}executions/{execution.pk}/"
    few = measured(url)
    for _ in range(12):
        fill(make_run(project), 1)
    for attempt in range(3, 20):
        send_results(nightly, {"name": execution.case.automation_key, "attempt": attempt})
    assert measured(url) == few <= MOST


def test_the_list_of_imports(measured, project):
    send_results(make_run(project), "pays")
    few = measured("/projects/WEB/imports/")
    for _ in range(19):
        send_results(make_run(project), "pays")
    assert measured("/projects/WEB/imports/") == few <= MOST


def test_a_receipt(measured, project):
    nightly = make_run(project)
    one = send_results(nightly, "pays")
    many = send_results(nightly, *(f"case {number}" for number in range(20)))
    assert measured(one.get_absolute_url()) == measured(many.get_absolute_url()) <= MOST


def test_a_large_run_makes_a_small_page(client, viewer, nightly):
    client.force_login(viewer)
    message = "AssertionError: " + "x" * 200
    send_results(
        nightly,
        *(
            {
                "name": f"shop.checkout.Test::fails in some way {number}",
                "status": status,
                "message": message,
            }
            for number, status in enumerate(["failed", "error", "passed", "skipped"] * 100)
        ),
    )
    nightly.executions.filter(status="passed").update(flaky=True)
    nightly.refresh_from_db()
    type(nightly).objects.filter(pk=nightly.pk).update(flaky=nightly.passed)
    assert len(client.get(nightly.get_absolute_url()).content) <= MOST_BYTES
