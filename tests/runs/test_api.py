"""Runs over the API: made, driven, listed; by whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.runs.models import Run
from testoqa.testing import uses
from tests.data import populate_cast
from tests.executions.pipeline import Pipeline
from tests.factories import (
    make_case,
    make_run,
    make_suite,
    send_results,
)

pytestmark = uses(populate_cast)


@pytest.fixture
def ci(project):
    return Pipeline(project)


def test_a_run_is_told_as_the_contract_words_it(ci):
    suite = make_suite(ci.project)
    made = ci.post(
        "runs/",
        {
            "name": "Release 7",
            "kind": "manual",
            "suite": str(suite.pk),
            "environment": "production",
            "run_key": "r7",
            "branch": "main",
            "commit": "abc",
            "ci_url": "https://ci.example.org/7",
            "configuration": {"browser": "firefox"},
        },
    )
    assert made.status_code == 201
    told = made.json()
    assert told == ci.get("runs/1/").json()
    assert told["counts"] == dict.fromkeys(
        ["total", "passed", "failed", "error", "skipped", "blocked", "pending", "flaky"], 0
    )
    assert set(told) >= {
        "id", "number", "name", "kind", "state", "verdict", "status", "suite", "environment",
        "triggered_by", "run_key", "branch", "commit", "ci_url", "configuration", "counts",
        "new_failures", "seq", "started_at", "finished_at", "duration_ms", "url",
    }  # fmt: skip
    assert (told["environment"], told["suite"], told["seq"]) == ("prod", str(suite.pk), 0)


@pytest.mark.parametrize(("sent", "verdict"), [(["1/3"], "partial"), (["1/2", "2/2"], "passed")])
def test_shards_announced_when_a_run_is_made_are_waited_for(ci, sent, verdict):
    shards = int(sent[0].partition("/")[2])
    assert (
        ci.post("runs/", {"name": "A", "run_key": "k", "shards": shards}).json()["shards"] == shards
    )
    for number, shard in enumerate(sent):
        receipt = ci.take([f"test{number}"], run_key="k", shard=shard)
    assert receipt["run"]["number"] == 1
    if verdict == "partial":
        assert receipt["run"]["status"] == "running"
        ci.post("runs/1/finish/")
    assert ci.get("runs/1/").json()["verdict"] == verdict


def test_another_number_of_shards_than_announced_is_422(ci):
    ci.post("runs/", {"name": "A", "run_key": "k", "shards": 3})
    assert ci.send(["a"], run_key="k", shard="1/2").status_code == 422


@pytest.mark.parametrize("shards", [0, -1, 1001, "many", 1.5])
def test_shards_are_from_1_to_1000(ci, shards):
    error = ci.post("runs/", {"name": "A", "shards": shards}).json()["errors"][0]
    assert error["field"] == "shards"
    assert not ci.project.runs.exists()


def test_a_manual_run_takes_the_manual_cases_of_its_suite(ci):
    suite = make_suite(ci.project)
    make_case(ci.project, suite=suite)
    make_case(ci.project, suite=make_suite(ci.project, "below", parent=suite))
    make_case(ci.project)
    body = {"name": "A", "kind": "manual"}
    assert ci.post("runs/", body).json()["counts"]["pending"] == 3
    assert ci.post("runs/", body | {"suite": str(suite.pk)}).json()["counts"]["pending"] == 2
    assert ci.post("runs/", body | {"cases": ["3"]}).json()["counts"]["pending"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cases", ["OPS-1"]),
        ("cases", ["WEB-99"]),
        ("suite", "of another project"),
        ("ci_url", "javascript:alert(1)"),
        ("name", ""),
        ("kind", "odd"),
        ("configuration", ["x"]),
    ],
)
def test_a_wrong_field_is_400_and_named(ci, other_project, field, value):
    if field == "suite":
        value = str(make_suite(other_project).pk)
    answer = ci.post("runs/", {"name": "A", field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert not Run.objects.exists()


def test_a_run_is_driven_over_the_api(ci):
    ci.post("runs/", {"name": "A"})
    assert ci.post("runs/1/finish/").status_code == 409
    assert ci.post("runs/1/start/").json()["status"] == "running"
    refused = ci.post("runs/1/start/")
    assert refused.status_code == 409
    assert refused.json()["url"] == "http://testserver/projects/WEB/runs/1/"
    assert ci.post("runs/1/finish/").json()["status"] == "partial"
    assert ci.post("runs/1/cancel/").status_code == 409
    ci.post("runs/", {"name": "B"})
    assert ci.post("runs/2/cancel/").json()["status"] == "cancelled"


def test_a_run_is_described_anew_and_its_results_are_not_touched(ci):
    ci.post("runs/", {"name": "A"})
    told = ci.patch("runs/1/", {"name": "B", "environment": "staging", "state": "completed"}).json()
    assert (told["name"], told["environment"], told["state"]) == ("B", "staging", "created")
    assert ci.patch("runs/1/", {"environment": "qa"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "allowed", "to_viewer"),
    [
        ("post", "runs/", 201, 403),
        ("patch", "runs/1/", 200, 403),
        ("post", "runs/1/start/", 200, 403),
        ("post", "runs/1/cancel/", 200, 403),
        ("get", "runs/1/", 200, 200),
        ("get", "runs/1/executions/", 200, 200),
        ("get", "runs/1/changes/", 200, 200),
    ],
)
def test_who_may(ci, client, viewer, outsider, method, path, allowed, to_viewer):
    make_run(ci.project)
    people = [(outsider, 404), (viewer, to_viewer), (ci.person, allowed)]
    for person, status in people:
        client.force_login(person)
        data = {"name": "A"} if method != "get" else None
        kind = {"content_type": "application/json"} if method != "get" else {}
        assert getattr(client, method)(ci.root + path, data, **kind).status_code == status


def test_lists_have_pages_and_filters(ci):
    for number in range(5):
        make_run(ci.project, branch="odd" if number % 2 else "even", environment="staging")
    send_results(ci.project.runs.get(number=1), "a")
    make_run(ci.project, branch="release", environment="prod")
    first = ci.get("runs/", limit=2, branch="even").json()
    assert [run["number"] for run in first["results"]] == [5, 3]
    second = ci.client.get(first["next"]).json()
    assert [run["number"] for run in second["results"]] == [1]
    assert second["next"] is None
    for query, count in [
        ({"status": "running"}, 1),
        ({"state": "created"}, 5),
        ({"environment": "staging"}, 5),
        ({"environment": "ci"}, 0),
        ({"branch": "odd"}, 2),
        ({"environment": "prod"}, 1),
        ({"environment": "Production"}, 1),
    ]:
        assert len(ci.get("runs/", **query).json()["results"]) == count
    assert ci.get("runs/", status="green").status_code == 400


def test_no_page_is_longer_than_500(ci):
    run = make_run(ci.project)
    send_results(run, *(f"t{number}" for number in range(510)))
    page = ci.get("runs/1/executions/", limit=1000).json()
    assert len(page["results"]) == 500
    assert len(ci.client.get(page["next"]).json()["results"]) == 10
    assert len(ci.get("runs/1/executions/").json()["results"]) == 50
    assert len(ci.get("runs/1/changes/", limit=1000).json()["results"]) == 500


def test_executions_are_filtered(ci):
    run = make_run(ci.project)
    send_results(
        run, "pays[EUR]", {"name": "pays", "status": "failed"}, {"name": "x", "status": "error"}
    )
    for query, titles in [
        ({"status": "failed"}, ["pays"]),
        ({"status": ["failed", "error"]}, ["pays", "x"]),
        ({"q": "PAYS"}, ["pays", "pays[EUR]"]),
        ({"new_failure": "true"}, ["pays", "x"]),
        ({"case": "1"}, ["pays", "pays[EUR]"]),
        ({"flaky": "true"}, []),
    ]:
        results = ci.get("runs/1/executions/", **query).json()["results"]
        assert sorted(row["title"] for row in results) == titles, query


def test_changes_are_paged_by_seq_and_id(ci):
    run = make_run(ci.project)
    send_results(run, "a", "b", "c")
    send_results(run, {"name": "d", "status": "failed"})
    page = ci.get("runs/1/changes/", since=0, limit=2).json()
    seen = [row["title"] for row in page["results"]]
    while page["next"]:
        page = ci.client.get(page["next"]).json()
        seen += [row["title"] for row in page["results"]]
    assert sorted(seen) == ["a", "b", "c", "d"]
    assert seen[-1] == "d"
    assert page["counts"]["failed"] == 1
    latest = ci.get("runs/1/changes/", since=page["seq"]).json()
    assert (latest["results"], latest["seq"], latest["status"]) == ([], page["seq"], "running")
    assert ci.get("runs/1/changes/", since="x").status_code == 400


def fill(ci, count, start=0):
    for number in range(start, start + count):
        ci.take([("t", "failed"), ("t", "passed")], name=f"Run {number}", repeats="tries")
    run = ci.project.runs.get(number=1)
    ci.record(run, *(f"more{n}" for n in range(start, start + count)))


@pytest.mark.parametrize("path", ["runs/", "runs/1/executions/", "runs/1/changes/", "imports/"])
def test_lists_cost_the_same_for_one_row_and_for_twenty(ci, path):
    make_run(ci.project)
    fill(ci, 1)

    def cost():
        ci.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert ci.get(path).status_code == 200
        return len(queries)

    one = cost()
    fill(ci, 20, start=1)
    assert cost() == one
    assert one <= 12


def test_an_execution_costs_the_same_for_one_try_and_for_twenty(ci):
    make_run(ci.project)
    run = ci.project.runs.get()

    def cost(tries):
        ci.record(run, *({"name": f"t{tries}", "attempt": n + 1} for n in range(tries)))
        execution = run.executions.get(title=f"t{tries}")
        with CaptureQueriesContext(connection) as queries:
            told = ci.get(f"runs/1/executions/{execution.pk}/").json()
        assert len(told["attempts"]) == tries - 1
        return len(queries)

    cost(2)
    assert cost(3) == cost(20)
