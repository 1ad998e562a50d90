"""What a report says of its runs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.refusals import Unprocessable
from apps.reports import build
from apps.reports.formats import document
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_report
from tests.reports.results import count, make_run_with

pytestmark = uses(populate_cast)


def test_a_report_of_one_run_has_exactly_the_promised_shape(project):
    run = make_run_with(
        project,
        [
            {"verdict": "passed", "title": "quick", "duration_ms": 3},
            {"verdict": "passed", "title": "slow", "duration_ms": 1_234, "flaky": True},
            {"verdict": "failed", "title": "pays", "variant_label": "[visa]", "duration_ms": 10,
             "message": "connection refused", "new_failure": True},
            {"verdict": "error", "title": "odd", "trace": "\n  Odd: thing\n  at x", "message": ""},
            {"verdict": "skipped", "title": "later", "duration_ms": 0},
            "blocked",
            "pending",
        ],
        configuration={"database": "postgres 18", "browser": "firefox"},
        environment="staging",
    )  # fmt: skip
    assert document(make_report(project, run)) == {
        "session_id": "WEB-1",
        "execution_time": "2m 34s",
        "environment": "staging",
        "database": "postgres 18",
        "results": {
            "total": 7,
            "passed": 2,
            "failed": 1,
            "skipped": 1,
            "error": 1,
            "blocked": 1,
            "pending": 1,
            "flaky": 1,
            "success_rate": "33.3%",
        },
        "performance": {"avg": "416 ms", "slowest": "slow (1.2 s)", "fastest": "quick (3 ms)"},
        "failures": [
            {
                "test": "pays [visa]",
                "error": "connection refused",
                "remediation": "“connection refused”: Nothing listens at the address: check that "
                "the service is started, its host and port.",
            },
            {"test": "odd", "error": "Odd: thing", "remediation": None},
        ],
    }


def test_a_run_without_results_says_nothing_of_them(project):
    report = make_report(project, make_run_with(project, [], finish=False))
    shown = document(report)
    assert shown["results"]["success_rate"] is None
    assert shown["performance"] == {"avg": None, "slowest": None, "fastest": None}
    assert shown["database"] is None
    assert shown["failures"] == []
    assert report.status == "running"


def test_new_failures_come_first(project):
    rows = [
        {"verdict": "failed", "title": "old"},
        {"verdict": "failed", "title": "new", "new_failure": True, "first_seen": True},
    ]
    report = make_report(project, make_run_with(project, rows))
    assert [failure["test"] for failure in report.content["failures"]] == ["new", "old"]
    assert report.headline == "2 tests fail, 1 of them newly"


def test_a_range_adds_up_and_names_the_run_of_each_failure(project):
    first = make_run_with(project, ["passed", "failed"], configuration={"database": "pg17"})
    make_run_with(project, ["passed"], environment="staging", configuration={"database": "pg18"})
    last = make_run_with(project, ["failed", "skipped"], finish=False)
    later = make_run_with(project, ["failed"])
    shown = document(make_report(project, first, last))
    assert shown["session_id"] == "WEB-1..3"
    assert shown["environment"] == "ci, staging"
    assert shown["database"] == "pg17, pg18"
    assert shown["results"]["total"] == 5
    assert shown["results"]["success_rate"] == "50.0%"
    assert [(row["test"], row["run"]) for row in shown["failures"]] == [
        ("test 2", "WEB-1"),
        ("test 1", "WEB-3"),
    ]
    assert [run["run"] for run in shown["runs"]] == ["WEB-1", "WEB-2", "WEB-3"]
    assert [run["status"] for run in shown["runs"]] == ["failed", "passed", "running"]
    assert shown["runs"][0]["results"]["success_rate"] == "50.0%"
    assert later.number == 4


def test_the_headline_of_a_range_counts_failures_not_tests(project):
    rows = [{"verdict": "failed", "new_failure": True}, "error"]
    first = make_run_with(project, rows)
    last = make_run_with(project, ["failed"])
    assert make_report(project, first, last).headline == "3 failures in 2 runs, 1 of them new"
    only = make_report(project, last, make_run_with(project, ["passed"]))
    assert only.headline == "1 failure in 2 runs, none of them new"


def test_the_slowest_tests_of_a_range_are_named_once_each(project):
    first = make_run_with(project, [timed("slow", 900), timed("quick", 80), timed("slow", 700)])
    last = make_run_with(project, [timed("slow", 850), timed("quick", 90)])
    slowest = make_report(project, first, last).content["slowest"]
    shown = [(row["test"], row["case"], row["run"], row["duration"]) for row in slowest]
    assert shown == [
        ("slow", "WEB-1", 1, "900 ms"),
        ("slow", "WEB-3", 1, "700 ms"),
        ("quick", "WEB-2", 2, "90 ms"),
    ]


def timed(title, duration):
    return {"verdict": "passed", "title": title, "duration_ms": duration}


def test_failures_past_the_limit_are_counted(project, monkeypatch):
    monkeypatch.setattr(build, "FAILURES", 3)
    shown = document(make_report(project, make_run_with(project, ["failed"] * 3 + ["error"] * 2)))
    assert len(shown["failures"]) == 3
    assert shown["truncated"] == 2


def test_a_long_message_says_how_much_of_it_is_missing(project):
    rows = [{"verdict": "failed", "message": "x" * 2500}]
    failure = document(make_report(project, make_run_with(project, rows)))["failures"][0]
    assert failure["error"] == "x" * 2000 + "… (500 more characters)"


def test_more_runs_than_a_report_may_span_are_refused(project, monkeypatch):
    monkeypatch.setattr(build, "RUNS", 1)
    first, last = make_run_with(project, []), make_run_with(project, [])
    with pytest.raises(Unprocessable, match="may span 1 runs"):
        make_report(project, first, last)
    assert not project.reports.exists()


def test_two_hundred_runs_cost_what_one_costs(project):
    first = make_run_with(project, ["failed"])
    with CaptureQueriesContext(connection) as one:
        make_report(project, first, detail="detailed")
    for _ in range(198):
        run = project.runs.create(number=first.number + 1, name="n", environment=first.environment)
        first.number = run.number
    project.last_run_number = first.number
    project.save(update_fields=["last_run_number"])
    last = make_run_with(project, ["passed", "failed"])
    count(last)
    first.refresh_from_db()
    with CaptureQueriesContext(connection) as many:
        report = make_report(project, first, last, detail="detailed")
    assert len(report.content["runs"]) == 200
    assert report.content["results"]["total"] == 3
    assert len(many) == len(one)
