"""Results, verdicts and undoing on several connections at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from apps.cases.lifecycle import delete_case
from apps.executions.lifecycle import set_verdict, undo_import
from apps.executions.models import Import
from apps.projects.refusals import Refused, TransitionRefused
from apps.runs import lifecycle as runs
from testoqa.testing import uses
from tests.data import populate_cast
from tests.executions.junit import junit
from tests.factories import make_case, make_run, send_results
from tests.races import meet, overtake
from tests.runs.counting import assert_counts

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.mark.races("apps.executions.lifecycle.set_verdict")
def test_two_verdicts_at_once_leave_one_and_an_override(ci):
    nightly = make_run(ci.project, cases=[make_case(ci.project)])
    execution = nightly.executions.get()
    overtake(
        lambda: set_verdict(execution, "passed", by=ci.person),
        lambda: set_verdict(execution, "failed", by=ci.person),
    )
    assert_counts(nightly, failed=1)
    assert nightly.evaluations.get().reason == "It was passed before."


@pytest.mark.races("apps.executions.lifecycle.set_verdict")
def test_a_verdict_that_says_no_note_keeps_the_one_just_written(ci):
    nightly = make_run(ci.project, cases=[make_case(ci.project)])
    execution = nightly.executions.get()
    address = f"runs/{nightly.number}/executions/{execution.pk}/"
    overtake(
        lambda: set_verdict(execution, "failed", by=ci.person, note="seen", actual_result="none"),
        lambda: ci.patch(address, {"verdict": "blocked"}),
    )
    execution.refresh_from_db()
    assert (execution.verdict, execution.note) == ("blocked", "seen")
    assert execution.actual_result == "none"


@pytest.mark.races("apps.executions.lifecycle.set_verdict")
def test_a_verdict_and_results_at_once_are_both_counted(ci):
    nightly = make_run(ci.project, cases=[make_case(ci.project)])
    execution = nightly.executions.get()
    overtake(
        lambda: send_results(nightly, "a", "b", by=ci.person),
        lambda: set_verdict(execution, "failed", by=ci.person),
    )
    assert_counts(nightly, passed=2, failed=1)


@pytest.mark.races("apps.executions.lifecycle.set_verdict", "apps.executions.lifecycle.undo_import")
def test_a_result_that_was_taken_back_is_not_judged(ci):
    receipt = ci.take(["pays"], run_key="k")
    execution = ci.run_of(receipt).executions.get()
    arrival = Import.objects.get()
    outcomes = overtake(
        lambda: undo_import(arrival, by=ci.person),
        lambda: set_verdict(execution, "failed", by=ci.person),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Import", "Refused"]
    assert_counts(arrival.run, passed=0)


@pytest.mark.races("apps.executions.lifecycle.undo_import")
def test_an_import_is_undone_once(ci):
    ci.take(["pays", "adds"], run_key="k")
    receipt = ci.take(["ships"], run_key="k")
    arrival = Import.objects.get(pk=receipt["id"])
    outcomes = overtake(
        lambda: undo_import(arrival, by=ci.person),
        lambda: undo_import(arrival, by=ci.person),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Import", "Refused"]
    assert_counts(ci.run_of(receipt), passed=2)


@pytest.mark.races("apps.executions.lifecycle.undo_import")
def test_an_import_is_undone_while_more_comes(ci):
    receipt = ci.take([("pays", "failed")], run_key="k", attempt="1")
    arrival, run = Import.objects.get(), ci.run_of(receipt)
    overtake(
        lambda: undo_import(arrival, by=ci.person),
        lambda: ci.take(["pays"], run_key="k", attempt="2"),
    )
    assert_counts(run, passed=1, flaky=0)


def test_the_same_batch_ten_times_at_once_is_stored_once(ci):
    nightly = make_run(ci.project)
    results = [{"name": f"t{n}", "status": "passed"} for n in range(100)]
    answers = meet(*[lambda: ci.batch(nightly, results, key="once")] * 10)
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert_counts(nightly, passed=100)
    assert ci.project.cases.count() == 100


def test_the_same_file_twice_at_once_is_one_run(ci):
    answers = meet(*[lambda: ci.send(["pays", "adds"])] * 2)
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert ci.project.runs.count() == 1
    assert_counts(ci.project.runs.get(), passed=2)


def test_two_files_of_one_key_at_once_share_a_run(ci):
    answers = meet(*[lambda n=n: ci.send([f"t{n}"], run_key="k") for n in range(4)])
    assert [answer.status_code for answer in answers] == [201] * 4
    assert_counts(ci.project.runs.get(), passed=4)


def test_a_file_of_a_key_whose_run_finishes_meanwhile_opens_another(ci):
    run = ci.run_of(ci.take(["a"], run_key="k"))
    answers = overtake(
        lambda: runs.finish(run, by=ci.person),
        lambda: ci.send(["b"], run_key="k"),
    )
    assert answers[1].status_code == 201
    assert answers[1].json()["run"]["number"] == 2


def test_a_file_of_a_named_run_that_finishes_meanwhile_is_refused_whole(ci):
    run = ci.run_of(ci.take(["a"], run_key="k"))
    answers = overtake(
        lambda: runs.finish(run, by=ci.person),
        lambda: ci.send(["b"], run="1"),
        allow=[TransitionRefused],
    )
    assert answers[1].status_code == 409
    assert_counts(run, passed=1)
    assert ci.project.cases.count() == 1


def test_twenty_shards_at_once_finish_their_run_with_exact_totals(ci):
    """Each shard brings 40 tests of its own and 10 that the next one brings too."""

    def shard(number):
        own = [f"own{number}-{n}" for n in range(40)]
        failing = [(f"shared{(number + n) % 20}", "failed") for n in range(10)]
        return junit(*own, *failing)

    def send(number):
        try:
            return ci.send(shard(number), run_key="k", shard=f"{number + 1}/20")
        finally:
            connections.close_all()

    # No barrier: the connections of a process are fewer than twenty, and are waited for.
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(send, range(20)))
    assert [answer.status_code for answer in answers] == [201] * 20
    run = assert_counts(ci.project.runs.get(), passed=800, failed=200)
    assert (run.state, run.verdict, run.shards) == ("completed", "failed", 20)
    assert sum(answer.json()["run"]["status"] == "failed" for answer in answers) == 1
    assert ci.project.cases.count() == 820
    assert len(set(ci.project.cases.values_list("automation_key", flat=True))) == 820
    assert sum(answer.json()["created_cases"] for answer in answers) == 820
    assert ci.project.suites.count() == len(set(ci.project.suites.values_list("path", flat=True)))


@pytest.mark.races("apps.cases.lifecycle.delete_case")
def test_a_case_that_results_have_found_stays(ci):
    case = make_case(ci.project, automation_key="shop.Cart::pays")
    outcomes = overtake(
        lambda: ci.take(["pays"]),
        lambda: delete_case(case, by=ci.person),
        allow=[Refused],
    )
    assert outcomes[1].code == "has_results"
    assert ci.project.cases.get().executions.count() == 1


@pytest.mark.races("apps.cases.lifecycle.delete_case")
def test_results_of_a_case_that_goes_make_it_anew(ci):
    case = make_case(ci.project, automation_key="shop.Cart::pays")
    _, receipt = overtake(lambda: delete_case(case, by=ci.person), lambda: ci.take(["pays"]))
    assert (receipt["created_cases"], receipt["matched"]) == (1, 0)
    assert ci.project.cases.get().number == 2
