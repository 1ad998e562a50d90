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
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import (
    make_artifact,
    make_case,
    make_report,
    make_run,
    make_suite,
    send_results,
)
from tests.races import meet, overtake
from tests.runs.counting import assert_counts, seq_of

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.mark.races("apps.runs.lifecycle.create_run")
def test_runs_made_at_once_have_numbers_of_their_own(project, owner):
    case = make_case(project)
    overtake(lambda: make_run(project, by=owner), lambda: make_run(project, by=owner, cases=[case]))
    meet(*[lambda: make_run(project, by=owner, cases=[case])] * 4)
    assert sorted(project.runs.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.races("apps.runs.lifecycle.start")
def test_a_run_starts_once(project, owner):
    nightly = make_run(project)
    outcomes = overtake(
        lambda: lifecycle.start(nightly, by=owner),
        lambda: lifecycle.start(nightly, by=owner),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Run", "TransitionRefused"]
    assert seq_of(nightly) == 1


@pytest.mark.races("apps.runs.lifecycle.finish")
def test_a_run_finishes_once(project, owner):
    nightly = make_run(project)
    send_results(nightly, "a")
    before = seq_of(nightly)
    outcomes = overtake(
        lambda: lifecycle.finish(nightly, by=owner),
        lambda: lifecycle.finish(nightly, by=owner),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Run", "TransitionRefused"]
    assert seq_of(nightly) == before + 1


@pytest.mark.races("apps.runs.lifecycle.finish")
def test_a_verdict_by_hand_while_the_run_finishes_is_judged(project, owner):
    nightly = make_run(project)
    send_results(nightly, "a", "b")
    execution = nightly.executions.first()
    overtake(
        lambda: lifecycle.finish(nightly, by=owner),
        lambda: set_verdict(execution, "failed", by=owner),
    )
    assert assert_counts(nightly, passed=1, failed=1).verdict == "failed"


@pytest.mark.races("apps.runs.lifecycle.cancel", "apps.runs.lifecycle.start")
def test_a_run_cancelled_while_it_starts_is_cancelled(project, owner):
    nightly = make_run(project, cases=[make_case(project)])
    overtake(
        lambda: lifecycle.start(nightly, by=owner),
        lambda: lifecycle.cancel(nightly, by=owner),
    )
    run = assert_counts(nightly, pending=1)
    assert (run.state, run.seq) == ("cancelled", 3)


@pytest.mark.races("apps.runs.lifecycle.cancel")
def test_results_sent_while_a_run_is_cancelled_are_refused(project, owner):
    nightly = make_run(project, cases=[make_case(project)])
    outcomes = overtake(
        lambda: lifecycle.cancel(nightly, by=owner),
        lambda: send_results(nightly, "a"),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Run", "TransitionRefused"]
    assert_counts(nightly, pending=1)
    assert not nightly.imports.exists()


@pytest.mark.races("apps.runs.lifecycle.abort", "apps.runs.lifecycle.finish")
def test_a_run_is_aborted_or_finished(project, owner):
    nightly = make_run(project, cases=[make_case(project)])
    lifecycle.start(nightly, by=owner)
    outcomes = overtake(
        lambda: lifecycle.abort(nightly, by=owner),
        lambda: lifecycle.finish(nightly, by=owner),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Run", "TransitionRefused"]
    assert Run.objects.get().status == "error"


@pytest.mark.races("apps.runs.lifecycle.change_run")
def test_a_run_renamed_while_results_come_loses_nothing(project, owner):
    nightly = make_run(project)
    overtake(
        lambda: send_results(nightly, "a", "b"),
        lambda: lifecycle.change_run(nightly, by=owner, name="Release"),
    )
    run = assert_counts(nightly, passed=2)
    assert (run.name, run.state) == ("Release", "running")


@pytest.mark.races("apps.runs.lifecycle.delete_run")
@pytest.mark.parametrize("verb", ["finish", "results", "verdict", "delete"])
def test_a_deleted_run_takes_nothing_more(project, owner, verb):
    nightly = make_run(project, cases=[make_case(project)])
    lifecycle.start(nightly, by=owner)
    execution = nightly.executions.get()
    verbs = {
        "finish": lambda: lifecycle.finish(nightly, by=owner),
        "results": lambda: send_results(nightly, "a"),
        "verdict": lambda: set_verdict(execution, "passed", by=owner),
        "delete": lambda: lifecycle.delete_run(nightly, by=owner),
    }
    outcomes = overtake(
        lambda: lifecycle.delete_run(nightly, by=owner), verbs[verb], allow=[Refused]
    )
    assert isinstance(outcomes[1], Refused)
    assert not Run.objects.exists()


@pytest.mark.races("apps.runs.lifecycle.delete_run")
def test_a_run_is_deleted_with_the_results_that_came_just_before(project, owner):
    nightly = make_run(project)
    overtake(
        lambda: send_results(nightly, "a"),
        lambda: lifecycle.delete_run(nightly, by=owner),
    )
    assert not Run.objects.exists()
    assert not project.executions.exists()


@pytest.mark.races("apps.artifacts.lifecycle.delete_unlinked")
def test_a_file_that_is_hung_up_meanwhile_stays(project, owner):
    nightly, file = make_run(project), make_artifact(project)
    overtake(
        lambda: hang_artifact(file, nightly, by=owner),
        lambda: delete_unlinked(project, [file.pk], by=owner),
    )
    assert RunArtifact.objects.get().artifact == file


@pytest.mark.races("apps.artifacts.lifecycle.delete_unlinked")
def test_a_file_that_goes_is_not_hung_up(project, owner):
    nightly, file = make_run(project), make_artifact(project)
    outcomes = overtake(
        lambda: delete_unlinked(project, [file.pk], by=owner),
        lambda: hang_artifact(file, nightly, by=owner),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "int"]
    assert not Artifact.objects.exists()


def a_run_and_what_it_needs(project, owner):
    """A verb that makes a run, and one that removes each thing it is made of."""
    staging = project.environments.get(name="staging")
    suite, case = make_suite(project), make_case(project)
    removals = {
        "environment": lambda: remove_environment(staging, by=owner),
        "suite": lambda: delete_suite(suite, by=owner),
        "case": lambda: delete_case(case, by=owner),
    }

    def make():
        return lifecycle.create_run(
            project, by=owner, name="Nightly", environment=staging, suite=suite, cases=[case]
        )

    return make, removals


@pytest.mark.races("apps.runs.lifecycle.create_run")
@pytest.mark.parametrize("lost", ["environment", "suite", "case"])
def test_a_run_is_not_made_of_what_goes_meanwhile(project, owner, lost):
    make, removals = a_run_and_what_it_needs(project, owner)
    outcomes = overtake(
        removals[lost],
        make,
        allow=[Refused],
    )
    assert outcomes[1].field == {"case": "cases"}.get(lost, lost)
    assert not project.runs.exists()


@pytest.mark.races("apps.runs.lifecycle.create_run")
@pytest.mark.parametrize("wanted", ["environment", "suite", "case"])
def test_what_a_new_run_is_made_of_stays(project, owner, wanted):
    make, removals = a_run_and_what_it_needs(project, owner)
    outcomes = overtake(
        make,
        removals[wanted],
        allow=[Refused],
    )
    assert outcomes[1].code in {"in_use", "has_runs", "has_results"}
    assert_counts(project.runs.get(), pending=1)


@pytest.mark.races("apps.runs.lifecycle.create_run")
def test_the_page_says_what_went_while_it_was_filled_in(project, owner, client):
    suite = make_suite(project)
    ci = project.environments.get(name="ci")
    form = {"name": "Smoke", "kind": "automated", "environment": ci.pk, "suite": suite.path}
    client.force_login(owner)
    _, page = overtake(
        lambda: delete_suite(suite, by=owner), lambda: client.post("/projects/WEB/runs/new/", form)
    )
    assert page.context["form"].errors["suite"] == ["The suite is gone; choose another."]
    assert not project.runs.exists()


@pytest.mark.races("apps.runs.lifecycle.change_run")
def test_a_run_moves_to_an_environment_or_that_is_removed(project, owner):
    nightly, staging = make_run(project), project.environments.get(name="staging")
    outcomes = overtake(
        lambda: remove_environment(staging, by=owner),
        lambda: lifecycle.change_run(nightly, by=owner, environment=staging),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Unprocessable"]
    dev = project.environments.get(name="dev")
    outcomes = overtake(
        lambda: lifecycle.change_run(nightly, by=owner, environment=dev),
        lambda: remove_environment(dev, by=owner),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "Run"]
    assert Run.objects.get().environment == dev


@pytest.mark.races("apps.artifacts.lifecycle.hang_artifact")
@pytest.mark.parametrize("noun", ["case", "run", "execution", "report"])
def test_nothing_is_hung_on_what_goes_meanwhile(project, owner, noun):
    target, remove = target_and_removal(project, owner, noun)
    file = make_artifact(project)
    outcomes = overtake(remove, lambda: hang_artifact(file, target, by=owner), allow=[Refused])
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert outcomes[1].code == "gone"


@pytest.mark.races("apps.artifacts.lifecycle.hang_artifact")
@pytest.mark.parametrize("noun", ["case", "run", "execution", "report"])
def test_what_was_just_hung_up_goes_with_what_it_hangs_on(project, owner, noun):
    target, remove = target_and_removal(project, owner, noun)
    file = make_artifact(project)
    overtake(lambda: hang_artifact(file, target, by=owner), remove)
    assert not Artifact.objects.exists()


def target_and_removal(project, owner, noun):
    """A case, run, execution or report, and what takes it away."""
    nightly = make_run(project)
    send_results(nightly, "a")
    if noun == "case":
        case = make_case(project)
        return case, lambda: delete_case(case, by=owner)
    if noun == "report":
        report = make_report(project, nightly)
        return report, lambda: delete_report(report, by=owner)
    target = nightly.executions.get() if noun == "execution" else nightly
    return target, lambda: lifecycle.delete_run(nightly, by=owner)
