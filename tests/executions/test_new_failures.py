"""A new failure failed here and passed in the last finished run that held it, or was never seen."""

import pytest

from apps.executions.lifecycle import set_verdict, undo_import
from apps.executions.models import Import
from apps.runs.lifecycle import finish
from testoqa.testing import uses
from tests.data import populate_cast

pytestmark = uses(populate_cast)


@pytest.fixture
def result(ci):
    """result("failed", branch=…): the only execution of a run of its own."""

    def send(status, name="pays", **fields):
        receipt = ci.take([(name, status)], new="1", **fields)
        (execution,) = ci.run_of(receipt).executions.all()
        assert receipt["run"]["new_failures"] == execution.new_failure
        return execution

    return send


def marks(execution):
    return execution.new_failure, execution.first_seen


def test_a_failure_after_a_pass_is_new_once(result):
    result("passed")
    assert marks(result("failed")) == (True, False)
    assert marks(result("failed")) == (False, False)
    assert marks(result("error")) == (False, False)
    result("passed")
    assert marks(result("error")) == (True, False)


def test_a_test_never_seen_before_is_new_and_marked_so(result):
    assert marks(result("failed")) == (True, True)
    assert marks(result("failed", name="pays[EUR]")) == (True, True)
    assert marks(result("passed", name="adds")) == (False, False)


def test_the_last_run_of_the_branch_decides(result):
    result("passed", branch="main")
    result("failed", branch="feature")
    assert marks(result("failed", branch="feature")) == (False, False)
    assert marks(result("failed", branch="main")) == (True, False)


def test_the_run_that_finished_last_decides_not_the_one_born_last(ci, result):
    slow = ci.run_of(ci.take(["pays"], run_key="slow"))
    result("failed")
    finish(slow, by=ci.person)
    assert marks(result("failed")) == (True, False)


def test_a_branch_without_history_is_held_against_the_default_branch(ci, result):
    result("passed", branch="main")
    result("failed", branch="other")
    assert marks(result("failed", branch="feature")) == (True, False)
    type(ci.project).objects.update(default_branch="other")
    assert marks(result("failed", branch="feature 2")) == (False, False)


def test_another_environment_says_nothing(result):
    result("passed", environment="staging")
    assert marks(result("failed")) == (False, False)


def test_a_skipped_or_failed_last_time_is_not_new(result):
    result("passed")
    result("skipped")
    assert marks(result("failed")) == (False, False)


def test_the_last_run_that_held_the_test_decides(result):
    result("passed")
    result("failed", name="adds")
    assert marks(result("failed")) == (True, False)


def test_a_variant_has_its_own_history(result):
    result("passed", name="pays[EUR]")
    result("failed", name="pays[USD]")
    assert marks(result("failed", name="pays[USD]")) == (False, False)
    assert marks(result("failed", name="pays[EUR]")) == (True, False)


def test_a_run_that_is_not_finished_is_no_history(ci, result):
    result("failed")
    ci.take(["pays"], run_key="open")
    assert marks(result("failed")) == (False, False)


def test_a_try_that_passes_is_no_failure_any_more(ci, result):
    result("passed")
    receipt = ci.take([("pays", "failed")], run_key="k", attempt="1")
    assert receipt["run"]["new_failures"] == 1
    receipt = ci.take(["pays"], run_key="k", attempt="2")
    assert receipt["run"]["new_failures"] == 0


def test_undoing_brings_the_new_failure_back(ci, result):
    result("passed")
    ci.take([("pays", "failed")], run_key="k", attempt="1")
    receipt = ci.take(["pays"], run_key="k", attempt="2")
    undo_import(Import.objects.get(pk=receipt["id"]), by=ci.person)
    (execution,) = ci.run_of(receipt).executions.all()
    assert marks(execution) == (True, False)
    assert (execution.tries, execution.flaky) == (1, False)


def test_a_finished_run_that_is_judged_again_is_held_against_what_was_before_it(ci, result):
    result("failed")
    older = result("failed", branch="")
    result("passed")
    set_verdict(older, "passed", by=ci.person)
    assert marks(set_verdict(older, "failed", by=ci.person)) == (False, False)
