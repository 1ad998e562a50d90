"""The demo project of the first start: whole, coherent, and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F

from apps.executions.models import Execution
from apps.projects.models import Project
from apps.runs.models import Run
from testoqa.demo import make_demo
from testoqa.demo.dates import begin_of
from testoqa.demo.runs import stories
from testoqa.testing import uses
from tests.data import populate_cast, populate_demo
from tests.factories import make_case, make_user
from tests.runs.counting import counted

pytestmark = uses(populate_demo)


@pytest.fixture
def demo():
    return Project.objects.get(key="DEMO")


@pytest.fixture
def first_start(demo):
    """When the demo was made, which may be hours ago."""
    return demo.memberships.get().created_at


@pytest.fixture
def runs(demo):
    return list(demo.runs.order_by("id"))


def test_the_demo_is_a_shop_of_a_hundred_and_twenty_cases_in_a_tree(demo):
    assert demo.key == "DEMO"
    assert demo.cases.count() == 120
    assert demo.cases.filter(kind="manual").count() == 34
    assert not demo.cases.filter(suite=None).exists()
    assert demo.suites.filter(parent=None).count() == 10
    assert demo.suites.filter(parent__parent__parent=None, parent__parent__isnull=False).exists()
    assert list(demo.cases.order_by("number").values_list("number", flat=True)) == [*range(1, 121)]


def test_its_manual_cases_say_what_to_do(demo):
    manual = demo.cases.filter(kind="manual")
    assert not manual.filter(steps=None).exists()
    assert not manual.filter(case_tags=None).exists()
    assert set(manual.values_list("priority", flat=True)) == {"P0", "P1", "P2", "P3"}
    assert set(manual.values_list("status", flat=True)) == {
        "draft", "in_review", "ready", "deprecated"
    }  # fmt: skip
    assert not demo.cases.filter(kind="automated", automation_key="").exists()


def test_its_six_runs_tell_a_story(runs):
    assert [(run.status, run.new_failures, run.flaky) for run in runs] == [
        ("failed", 1, 1),
        ("passed", 0, 0),
        ("failed", 5, 1),
        ("passed", 0, 1),
        ("failed", 3, 2),
        ("running", 2, 0),
    ]
    bug = {run.number: run.executions.get(title=COUPON).status for run in runs[:5]}
    assert list(bug.values()) == ["passed", "passed", "failed", "passed", "passed"]
    assert runs[3].shards == 2
    assert runs[3].imports.count() == 2
    assert runs[4].skipped == 2
    assert runs[4].error == 1


COUPON = "test_percentage_coupon_is_applied_once"


def test_the_manual_run_is_half_executed_by_hand(runs, demo):
    acceptance = runs[-1]
    assert acceptance.kind == Run.Kind.MANUAL
    assert acceptance.pending == 5
    assert acceptance.blocked == 1
    failed = acceptance.executions.filter(status="failed")
    assert failed.count() == 2
    for execution in failed:
        assert execution.note
        assert execution.actual_result
        assert execution.executed_by == demo.memberships.get().user
    changed = acceptance.executions.get(case__version=2)
    assert changed.case_version == 2


def test_a_flaky_test_keeps_its_failed_try(runs):
    flaky = runs[4].executions.filter(flaky=True)
    assert flaky.count() == 2
    for execution in flaky:
        attempt = execution.attempts.get()
        assert attempt.verdict == "failed"
        assert attempt.trace


def test_failures_have_a_message_and_a_trace(demo):
    failures = demo.executions.failing().filter(run__kind=Run.Kind.AUTOMATED)
    assert failures.count() == 10
    assert not failures.filter(message="").exists()
    assert not failures.filter(trace="").exists()


def test_counters_equal_the_rows(runs):
    for run in runs:
        assert counted(run) == (run.counts | {"new_failures": run.new_failures})


def test_runs_lie_in_the_last_two_weeks_in_their_order(runs, first_start):
    now = first_start
    begins = [run.started_at for run in runs]
    assert begins == sorted(begins)
    assert now - timedelta(days=15) < begins[0] < now - timedelta(days=12)
    assert now - timedelta(days=2) < begins[4] < now
    assert all(run.finished_at < now for run in runs[:5])
    for run in runs:
        assert run.created_at <= run.started_at
        for execution in run.executions.filter(state=Execution.State.FINISHED):
            assert run.started_at <= execution.started_at <= execution.finished_at <= now


def test_nothing_was_made_after_it_was_used(demo, first_start):
    finished = demo.executions.filter(state="finished", run__state="completed")
    assert finished.count() == 431
    assert not finished.filter(case__created_at__gt=F("run__finished_at")).exists()
    made = [row.created_at for row in [*demo.imports.all(), *demo.artifacts.all()]]
    assert max(made) < first_start - timedelta(hours=1)


@uses()
def test_evidence_can_be_downloaded(client):
    """Of a demo made here: the files of recorded rows are not recorded."""
    demo = make_demo(make_user())
    client.force_login(demo.memberships.get().user)
    failing = demo.runs.get(number=5).executions.get(title="completes the 3-D Secure challenge")
    links = [*failing.executionartifacts.all(), *demo.cases.exclude(files=None).get().files.all()]
    assert sorted(link.artifact.name for link in links) == [
        "checkout-expired.png", "invoice-layout.png", "network.log"
    ]  # fmt: skip
    for link in links:
        answer = client.get(link.artifact.get_absolute_url())
        assert answer.status_code == 200
        content = b"".join(answer.streaming_content)
        assert len(content) == link.artifact.size
        assert content.startswith(b"\x89PNG") == link.artifact.name.endswith(".png")


def test_a_report_of_the_last_night_is_there(demo, runs):
    report = demo.reports.order_by("number").last()
    assert report.first_run == report.last_run == runs[4]
    assert report.content["results"]["failed"] == 3
    assert all(failure["remediation"] for failure in report.content["failures"])


@uses(populate_cast)
def test_another_project_is_left_alone(project):
    case = make_case(project)
    make_demo(make_user())
    assert list(project.cases.all()) == [case]
    assert not project.runs.exists()
    assert not project.suites.exists()
    project.refresh_from_db()
    assert project.last_case_number == 1


@pytest.mark.parametrize("hour", range(24))
def test_runs_lie_behind_us_at_any_hour_of_the_first_start(hour):
    now = datetime(2027, 3, 1, hour, 30, tzinfo=UTC)
    begins = [begin_of(story, now) for story in stories()]
    assert begins == sorted(begins)
    assert now - timedelta(days=15) < begins[0]
    assert now - timedelta(hours=28) < begins[-1] < now - timedelta(hours=4)
