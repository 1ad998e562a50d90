"""Taking back what an import brought."""

import pytest
from django.core.files.storage import default_storage

from apps.artifacts.models import Artifact
from apps.executions.lifecycle import set_verdict, undo_import
from apps.executions.models import Attempt, Import
from apps.projects.refusals import Refused, TransitionRefused
from apps.runs import lifecycle as runs
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, owner_of
from tests.runs.counting import assert_counts, seq_of

pytestmark = uses(populate_cast)


def undo(ci, receipt):
    return undo_import(Import.objects.get(pk=receipt["id"]), by=owner_of(ci.project))


def test_what_only_it_brought_goes(ci):
    ci.take(["pays"], run_key="k")
    receipt = ci.take(["adds", ("ships", "failed")], run_key="k")
    run = ci.run_of(receipt)
    before = seq_of(run)
    undo(ci, receipt)
    assert seq_of(run) > before
    assert_counts(run, passed=1, new_failures=0)
    assert list(run.executions.values_list("title", flat=True)) == ["pays"]
    assert ci.project.cases.count() == 3
    assert ci.get(f"imports/{receipt['id']}/").json()["undone_at"]


def test_a_finished_run_is_judged_anew(ci):
    receipt = ci.take([("pays", "failed")])
    undo(ci, receipt)
    run = assert_counts(ci.run_of(receipt))
    assert (run.state, run.verdict, run.total) == ("completed", "partial", 0)


def test_an_undone_file_may_be_sent_again(ci):
    receipt = ci.take(["pays"])
    undo(ci, receipt)
    assert ci.take(["pays"])["run"]["number"] == 2


def test_an_undone_shard_is_missing_again(ci):
    ci.take(["a"], run_key="k", shard="1/2")
    receipt = ci.take(["b"], run_key="k", shard="2/2")
    assert receipt["run"]["status"] == "passed"
    undo(ci, receipt)
    assert ci.run_of(receipt).verdict == "partial"


def test_its_results_go_back_to_the_earlier_try(ci):
    for attempt, status in enumerate(["failed", "error", "passed"], 1):
        receipt = ci.take([("pays", status)], run_key="k", attempt=str(attempt))
    run = ci.run_of(receipt)
    undo(ci, receipt)
    execution = run.executions.get()
    assert (execution.verdict, execution.attempt, execution.tries) == ("error", 2, 2)
    assert (execution.flaky, execution.new_failure, execution.message) == (False, True, "broken")
    assert_counts(run, error=1)


def test_tries_beneath_results_of_others_go(ci):
    receipts = [
        ci.take([("pays", status)], run_key="k", attempt=str(attempt))
        for attempt, status in enumerate(["failed", "passed"], 1)
    ]
    run = ci.run_of(receipts[0])
    assert_counts(run, passed=1, flaky=1)
    undo(ci, receipts[0])
    execution = run.executions.get()
    assert (execution.verdict, execution.flaky, execution.tries) == ("passed", False, 1)
    assert_counts(run, passed=1, flaky=0)
    undo(ci, receipts[1])
    assert_counts(run, pending=0)
    assert not run.executions.exists(), "it was not planned, so it goes away"


def test_numbers_of_tries_stay_in_order(ci):
    receipts = [
        ci.take([("pays", "failed", {"time": str(attempt)})], run_key="k", attempt=str(attempt))
        for attempt in (1, 2, 3)
    ]
    undo(ci, receipts[0])
    ci.take(["pays"], run_key="k", attempt="4")
    run = assert_counts(ci.run_of(receipts[0]), passed=1, flaky=1)
    assert list(Attempt.objects.values_list("number", flat=True)) == [1, 2]
    assert run.executions.get().tries == 3


def test_what_was_planned_goes_back_to_the_queue(ci):
    case = make_case(ci.project, "Pays", kind="automated", automation_key="shop.Cart::pays")
    run = make_run(ci.project, cases=[case])
    receipt = ci.take([("pays", "failed")], run="1")
    undo(ci, receipt)
    execution = run.executions.get()
    assert (execution.state, execution.message, execution.source) == ("queued", "", None)
    assert (execution.finished_at, execution.duration_ms) == (None, None)
    assert_counts(run, pending=1)
    ci.take(["pays"], run="1")
    assert_counts(run, passed=1)


def test_an_override_goes_with_the_result_it_judged(ci):
    receipt = ci.take([("pays", "failed")])
    run = ci.run_of(receipt)
    set_verdict(run.executions.get(), "passed", by=ci.person)
    undo(ci, receipt)
    assert_counts(run, passed=0)
    assert not run.evaluations.exists()


def test_tries_of_the_future_are_taken_back_too(ci):
    run = make_run(ci.project)
    later = {"name": "a", "status": "failed", "started_at": "2099-01-01T00:00:00Z"}
    ci.record(run, later | {"attempt": 1})
    receipt = ci.record(run, {"name": "a", "attempt": 2})
    undo(ci, receipt)
    assert_counts(run, failed=1)


@pytest.mark.django_db(transaction=True)
def test_texts_stored_as_files_go_with_it_and_others_stay(ci):
    run = make_run(ci.project)
    long = {"name": "a", "status": "failed", "trace": "x" * 70_000}
    ci.record(run, long | {"attempt": 1})
    (first,) = Artifact.objects.all()
    receipt = ci.record(run, long | {"attempt": 2, "output": "y" * 70_000})
    names = [artifact.file.name for artifact in Artifact.objects.exclude(pk=first.pk)]
    assert len(names) == 2
    undo(ci, receipt)
    assert [link.artifact for link in run.executionartifacts.all()] == [first]
    assert [default_storage.exists(name) for name in names] == [False, False]
    assert default_storage.exists(first.file.name)
    assert list(Artifact.objects.all()) == [first]


def test_nothing_is_undone_twice_or_where_nothing_came(ci):
    receipt = ci.take(["pays"], run_key="k")
    undo(ci, receipt)
    with pytest.raises(Refused, match="nothing to undo"):
        undo(ci, receipt)
    refused = ci.send(b"<testsuite").json()
    with pytest.raises(Refused, match="nothing to undo"):
        undo(ci, refused)


def test_a_broken_off_run_keeps_its_results(ci):
    receipt = ci.take(["pays"], run_key="k")
    runs.cancel(ci.run_of(receipt), by=ci.person)
    with pytest.raises(TransitionRefused):
        undo(ci, receipt)


def test_who_may_undo(ci, client, manager, outsider):
    receipt = ci.take(["pays"], run_key="k")
    address = f"/projects/WEB/imports/{receipt['id']}/undo/"
    for person, status in [(ci.person, 403), (outsider, 404), (manager, 302)]:
        client.force_login(person)
        assert client.post(address).status_code == status
    assert_counts(ci.run_of(receipt), passed=0)
