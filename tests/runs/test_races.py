"""Verbs of runs on two connections at once."""

import pytest

from apps.artifacts.lifecycle import delete_unlinked, hang_artifact
from apps.artifacts.models import Artifact
from apps.cases.lifecycle import delete_case, delete_suite
from apps.executions.lifecycle import set_verdict
from apps.projects.lifecycle import remove_environment
from apps.projects.refusals import Refused, TransitionRefused
from apps.reports.lifecycle import delete_report
from apps.runs import lifecycle
from apps.runs.models import Run, RunArtifact
from tests.factories import (
    make_artifact,
    make_case,
    make_project,
    make_report,
    make_run,
    make_suite,
    owner_of,
    send_results,
)
from tests.races import meet, overtake
from tests.runs.counting import assert_counts, seq_of

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.fixture
def web():
    return make_project("WEB")


@pytest.fixture
def person(web):
    return owner_of(web)


@pytest.mark.races("apps.runs.lifecycle.create_run")
def test_runs_made_at_once_have_numbers_of_their_own(web, person):
    case = make_case(web)
    overtake(lambda: make_run(web, by=person), lambda: make_run(web, by=person, cases=[case]))
    meet(*[lambda: make_run(web, by=person, cases=[case])] * 4)
    assert sorted(web.runs.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.races("apps.runs.lifecycle.start")
def test_a_run_starts_once(web, person):
    nightly = make_run(web)
    outcomes = overtake(
        lambda: lifecycle.start(nightly, by=person),
        lambda: lifecycle.start(nightly, by=person),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Run", "TransitionRefused"]
    assert seq_of(nightly) == 1


@pytest.mark.races("apps.runs.lifecycle.finish")
def test_a_run_finishes_once(web, person):
    nightly = make_run(web)
    send_results(nightly, "a")
    before = seq_of(nightly)
    outcomes = overtake(
        lambda: lifecycle.finish(nightly, by=person),
        lambda: lifecycle.finish(nightly, by=person),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Run", "TransitionRefused"]
    assert seq_of(nightly) == before + 1


@pytest.mark.races("apps.runs.lifecycle.finish")
def test_a_verdict_by_hand_while_the_run_finishes_is_judged(web, person):
    nightly = make_run(web)
    send_results(nightly, "a", "b")
    execution = nightly.executions.first()
    overtake(
        lambda: lifecycle.finish(nightly, by=person),
        lambda: set_verdict(execution, "failed", by=person),
    )
    assert assert_counts(nightly, passed=1, failed=1).verdict == "failed"


@pytest.mark.races("apps.runs.lifecycle.cancel", "apps.runs.lifecycle.start")
def test_a_run_cancelled_while_it_starts_is_cancelled(web, person):
    nightly = make_run(web, cases=[make_case(web)])
    overtake(
        lambda: lifecycle.start(nightly, by=person),
        lambda: lifecycle.cancel(nightly, by=person),
    )
    run = assert_counts(nightly, pending=1)
    assert (run.state, run.seq) == ("cancelled", 3)


@pytest.mark.races("apps.runs.lifecycle.cancel")
def test_results_sent_while_a_run_is_cancelled_are_refused(web, person):
    nightly = make_run(web, cases=[make_case(web)])
    outcomes = overtake(
        lambda: lifecycle.cancel(nightly, by=person),
        lambda: send_results(nightly, "a"),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Run", "TransitionRefused"]
    assert_counts(nightly, pending=1)
    assert not nightly.imports.exists()


@pytest.mark.races("apps.runs.lifecycle.abort", "apps.runs.lifecycle.finish")
def test_a_run_is_aborted_or_finished(web, person):
    nightly = make_run(web, cases=[make_case(web)])
    lifecycle.start(nightly, by=person)
    outcomes = overtake(
        lambda: lifecycle.abort(nightly, by=person),
        lambda: lifecycle.finish(nightly, by=person),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Run", "TransitionRefused"]
    assert Run.objects.get().status == "error"


@pytest.mark.races("apps.runs.lifecycle.change_run")
def test_a_run_renamed_while_results_come_loses_nothing(web, person):
    nightly = make_run(web)
    overtake(
        lambda: send_results(nightly, "a", "b"),
        lambda: lifecycle.change_run(nightly, by=person, name="Release"),
    )
    run = assert_counts(nightly, passed=2)
    assert (run.name, run.state) == ("Release", "running")


@pytest.mark.races("apps.runs.lifecycle.delete_run")
@pytest.mark.parametrize("verb", ["finish", "results", "verdict", "delete"])
def test_a_deleted_run_takes_nothing_more(web, person, verb):
    nightly = make_run(web, cases=[make_case(web)])
    lifecycle.start(nightly, by=person)
    execution = nightly.executions.get()
    verbs = {
        "finish": lambda: lifecycle.finish(nightly, by=person),
        "results": lambda: send_results(nightly, "a"),
        "verdict": lambda: set_verdict(execution, "passed", by=person),
        "delete": lambda: lifecycle.delete_run(nightly, by=person),
    }
    outcomes = overtake(
        lambda: lifecycle.delete_run(nightly, by=person), verbs[verb], allow=[Refused]
    )
    assert isinstance(outcomes[1], Refused)
    assert not Run.objects.exists()


@pytest.mark.races("apps.runs.lifecycle.delete_run")
def test_a_run_is_deleted_with_the_results_that_came_just_before(web, person):
    nightly = make_run(web)
    overtake(
        lambda: send_results(nightly, "a"),
        lambda: lifecycle.delete_run(nightly, by=person),
    )
    assert not Run.objects.exists()
    assert not web.executions.exists()


@pytest.mark.races("apps.artifacts.lifecycle.delete_unlinked")
def test_a_file_that_is_hung_up_meanwhile_stays(web, person):
    nightly, file = make_run(web), make_artifact(web)
    overtake(
        lambda: hang_artifact(file, nightly, by=person),
        lambda: delete_unlinked(web, [file.pk], by=person),
    )
    assert RunArtifact.objects.get().artifact == file


@pytest.mark.races("apps.artifacts.lifecycle.delete_unlinked")
def test_a_file_that_goes_is_not_hung_up(web, person):
    nightly, file = make_run(web), make_artifact(web)
    outcomes = overtake(
        lambda: delete_unlinked(web, [file.pk], by=person),
        lambda: hang_artifact(file, nightly, by=person),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "int"]
    assert not Artifact.objects.exists()


def a_run_and_what_it_needs(web, person):
    """A verb that makes a run, and one that removes each thing it is made of."""
    staging, suite, case = web.environments.get(name="staging"), make_suite(web), make_case(web)
    removals = {
        "environment": lambda: remove_environment(staging, by=person),
        "suite": lambda: delete_suite(suite, by=person),
        "case": lambda: delete_case(case, by=person),
    }

    def make():
        return lifecycle.create_run(
            web, by=person, name="Nightly", environment=staging, suite=suite, cases=[case]
        )

    return make, removals


@pytest.mark.races("apps.runs.lifecycle.create_run")
@pytest.mark.parametrize("lost", ["environment", "suite", "case"])
def test_a_run_is_not_made_of_what_goes_meanwhile(web, person, lost):
    make, removals = a_run_and_what_it_needs(web, person)
    outcomes = overtake(
        removals[lost],
        make,
        allow=[Refused],
    )
    assert outcomes[1].field == {"case": "cases"}.get(lost, lost)
    assert not web.runs.exists()


@pytest.mark.races("apps.runs.lifecycle.create_run")
@pytest.mark.parametrize("wanted", ["environment", "suite", "case"])
def test_what_a_new_run_is_made_of_stays(web, person, wanted):
    make, removals = a_run_and_what_it_needs(web, person)
    outcomes = overtake(
        make,
        removals[wanted],
        allow=[Refused],
    )
    assert outcomes[1].code in {"in_use", "has_runs", "has_results"}
    assert_counts(web.runs.get(), pending=1)


@pytest.mark.races("apps.runs.lifecycle.create_run")
def test_the_page_says_what_went_while_it_was_filled_in(web, person, client):
    suite = make_suite(web)
    ci = web.environments.get(name="ci")
    form = {"name": "Smoke", "kind": "automated", "environment": ci.pk, "suite": suite.path}
    client.force_login(person)
    _, page = overtake(
        lambda: delete_suite(suite, by=person), lambda: client.post("/projects/WEB/runs/new/", form)
    )
    assert page.context["form"].errors["suite"] == ["The suite is gone; choose another."]
    assert not web.runs.exists()


@pytest.mark.races("apps.runs.lifecycle.change_run")
def test_a_run_moves_to_an_environment_or_that_is_removed(web, person):
    nightly, staging = make_run(web), web.environments.get(name="staging")
    outcomes = overtake(
        lambda: remove_environment(staging, by=person),
        lambda: lifecycle.change_run(nightly, by=person, environment=staging),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Unprocessable"]
    dev = web.environments.get(name="dev")
    outcomes = overtake(
        lambda: lifecycle.change_run(nightly, by=person, environment=dev),
        lambda: remove_environment(dev, by=person),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "Run"]
    assert Run.objects.get().environment == dev


@pytest.mark.races("apps.artifacts.lifecycle.hang_artifact")
@pytest.mark.parametrize("noun", ["case", "run", "execution", "report"])
def test_nothing_is_hung_on_what_goes_meanwhile(web, person, noun):
    target, remove = target_and_removal(web, person, noun)
    file = make_artifact(web)
    outcomes = overtake(remove, lambda: hang_artifact(file, target, by=person), allow=[Refused])
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert outcomes[1].code == "gone"


@pytest.mark.races("apps.artifacts.lifecycle.hang_artifact")
@pytest.mark.parametrize("noun", ["case", "run", "execution", "report"])
def test_what_was_just_hung_up_goes_with_what_it_hangs_on(web, person, noun):
    target, remove = target_and_removal(web, person, noun)
    file = make_artifact(web)
    overtake(lambda: hang_artifact(file, target, by=person), remove)
    assert not Artifact.objects.exists()


def target_and_removal(project, person, noun):
    """A case, run, execution or report, and what takes it away."""
    nightly = make_run(project)
    send_results(nightly, "a")
    if noun == "case":
        case = make_case(project)
        return case, lambda: delete_case(case, by=person)
    if noun == "report":
        report = make_report(project, nightly)
        return report, lambda: delete_report(report, by=person)
    target = nightly.executions.get() if noun == "execution" else nightly
    return target, lambda: lifecycle.delete_run(nightly, by=person)
