"""The states of a run, and what each verb makes of it."""

import pytest

from apps.executions.lifecycle import set_verdict
from apps.projects.refusals import TransitionRefused
from apps.runs import lifecycle
from apps.runs.models import Run
from testoqa.testing import uses
from tests.data import populate_cast
from tests.executions.junit import junit
from tests.factories import make_case, make_run, send_results
from tests.runs.counting import assert_counts, seq_of

pytestmark = uses(populate_cast)

STATES = ["created", "running", "completed", "cancelled", "aborted"]
ALLOWED = {
    "start": ["created"],
    "finish": ["running"],
    "cancel": ["created", "running"],
    "abort": ["created", "running"],
}


def in_state(project, owner, state):
    run = make_run(project, cases=[make_case(project)])
    if state in ("running", "completed"):
        lifecycle.start(run, by=owner)
    verbs = {"completed": "finish", "cancelled": "cancel", "aborted": "abort"}
    if state in verbs:
        getattr(lifecycle, verbs[state])(run, by=owner)
    return Run.objects.get(pk=run.pk)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", ALLOWED)
def test_every_transition(project, owner, verb, state):
    run = in_state(project, owner, state)
    before = seq_of(run)
    if state in ALLOWED[verb]:
        getattr(lifecycle, verb)(run, by=owner)
        assert seq_of(run) == before + 1
        assert_counts(run, pending=1)
        return
    with pytest.raises(TransitionRefused) as refusal:
        getattr(lifecycle, verb)(run, by=owner)
    assert refusal.value.extra["url"] == run.get_absolute_url()
    assert seq_of(run) == before


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ([], "partial"),
        (["passed"], "passed"),
        (["passed", "skipped"], "passed"),
        (["skipped", "skipped"], "partial"),
        (["passed", "blocked"], "partial"),
        (["passed", "failed"], "failed"),
        (["error"], "failed"),
        (["failed", "blocked", "skipped"], "failed"),
        (["blocked"], "partial"),
    ],
)
def test_the_verdict_of_a_finished_run(project, owner, statuses, verdict):
    run = make_run(project)
    if statuses:
        results = ({"name": f"t{n}", "status": s} for n, s in enumerate(statuses))
        send_results(run, *results)
    else:
        lifecycle.start(run, by=owner)
    assert Run.objects.get().verdict == "unknown"
    finished = lifecycle.finish(run, by=owner)
    assert (finished.verdict, finished.status) == (verdict, verdict)
    assert finished.duration_ms is not None
    assert_counts(run)


def test_a_pending_execution_makes_a_run_partial(project, owner):
    run = make_run(project, cases=[make_case(project)])
    send_results(run, "pays")
    assert lifecycle.finish(run, by=owner).verdict == "partial"
    assert_counts(run, passed=1, pending=1)


@pytest.mark.parametrize(("verb", "status"), [("cancel", "cancelled"), ("abort", "error")])
def test_breaking_off_aborts_what_was_not_executed(project, owner, verb, status):
    run = make_run(project, cases=[make_case(project), make_case(project)])
    send_results(run, {"name": "pays", "status": "failed"})
    broken = getattr(lifecycle, verb)(run, by=owner)
    assert (broken.status, broken.verdict) == (status, "unknown")
    assert broken.finished_at
    assert list(run.executions.order_by("status").values_list("status", flat=True)) == [
        "aborted", "aborted", "failed",
    ]  # fmt: skip
    assert_counts(run, failed=1, pending=2)
    changed = run.executions.filter(seq=broken.seq)
    assert set(changed.values_list("state", flat=True)) == {"aborted"}


def test_a_run_of_cases_queues_their_current_versions(project):
    case = make_case(project)
    run = make_run(project, cases=[case])
    execution = run.executions.get()
    assert (execution.case_version, execution.state) == (case.version, "queued")
    assert (run.number, run.total, run.seq) == (1, 1, 1)
    assert make_run(project).number == 2


def test_a_renamed_run_keeps_its_results(project, owner):
    run = make_run(project)
    send_results(run, "pays")
    changed = lifecycle.change_run(run, by=owner, name="Release", branch="main")
    assert (changed.name, changed.branch, changed.passed) == ("Release", "main", 1)


def test_the_sequence_number_rises_with_every_change(project, owner):
    run = make_run(project, cases=[make_case(project)])
    seen = [seq_of(run)]

    def rises():
        seen.append(seq_of(run))
        assert seen[-1] > seen[-2]

    lifecycle.start(run, by=owner)
    rises()
    send_results(run, "a")
    rises()
    send_results(run, {"name": "a", "status": "failed"})
    rises()
    set_verdict(run.executions.order_by("id").first(), "blocked", by=owner)
    rises()
    lifecycle.change_run(run, by=owner, name="B")
    rises()
    lifecycle.finish(run, by=owner)
    rises()
    assert_counts(run, passed=1, failed=1, blocked=1)


def test_an_import_is_the_same_by_file(project):
    """Results of a file and of a batch meet in one case."""
    from tests.executions.pipeline import Pipeline

    ci = Pipeline(project)
    ci.take(junit("pays"))
    run = make_run(project)
    ci.record(run, {"name": "pays", "suite": "shop.Cart"})
    assert project.cases.count() == 1
