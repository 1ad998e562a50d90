"""Rows that must not be are refused by the database, whoever writes them."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.runs import lifecycle
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run, owner_of, send_results

pytestmark = uses(populate_cast)

RUNS = {
    "runs_run_completed_is_known": "verdict = 'passed'",
    "runs_run_total_is_the_sum": "total = total + 1",
    "runs_run_flaky_passed": "flaky = passed + 1",
    "runs_run_new_failures_failed": "new_failures = failed + error + 1",
    "runs_run_finished_at": "finished_at = now() + interval '1 day'",
    "runs_run_started_at": "started_at = NULL",
    "runs_run_kind": "kind = 'other'",
    "runs_run_shards": "shards = 0",
    "runs_run_number": "number = 2",
    "runs_run_skipped_check": "skipped = -1, total = total - 1",
    "runs_run_duration_ms_check": "duration_ms = -1",
    "runs_run_seq_check": "seq = -1",
}
FINISHED_RUNS = {
    "runs_run_verdict": "verdict = 'green'",
    "runs_run_completed_is_known": "verdict = 'unknown'",
    "runs_run_finished_at": "finished_at = NULL",
    "runs_run_finished_after_start": "finished_at = started_at - interval '1 second'",
    "runs_run_started_at": "started_at = NULL",
}
EXECUTIONS = {
    "executions_execution_state": "state = 'lost', verdict = 'unknown'",
    "executions_execution_verdict": "verdict = 'green'",
    "executions_execution_finished_is_known": "verdict = 'unknown', flaky = false",
    "executions_execution_flaky_passed": "verdict = 'failed', flaky = true",
    "executions_execution_new_failure_failed": "new_failure = true",
    "executions_execution_first_seen_new": "first_seen = true",
    "executions_execution_finished_after_start": "started_at = finished_at + interval '1 second'",
    "executions_execution_duration_ms_check": "duration_ms = -1",
    "executions_execution_tries_check": "tries = 0",
    "executions_execution_attempt_check": "attempt = 0",
    "executions_execution_instance_check": "instance = 0",
    "executions_execution_shard_check": "shard = 0",
    "executions_execution_seq_check": "seq = -1",
}
RUNNING_EXECUTIONS = "UPDATE executions_execution SET state = %s WHERE run_id = %s"


@pytest.fixture
def nightly(project):
    run = make_run(project)
    make_run(project)
    send_results(run, "a")
    return run


def breach(statement, values=()):
    """The name of the constraint that refuses it."""
    with (
        pytest.raises(IntegrityError) as error,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
    return error.value.__cause__.diag.constraint_name


@pytest.mark.parametrize("name", RUNS)
def test_an_impossible_run_is_refused(nightly, name):
    assert breach(f"UPDATE runs_run SET {RUNS[name]} WHERE id = %s", [nightly.pk]) == name


@pytest.mark.parametrize("name", FINISHED_RUNS)
def test_an_impossible_finished_run_is_refused(nightly, name):
    lifecycle.finish(nightly, by=owner_of(nightly.project))
    change = FINISHED_RUNS[name]
    assert breach(f"UPDATE runs_run SET {change} WHERE id = %s", [nightly.pk]) == name


def test_a_run_of_no_known_state_is_refused(nightly):
    """The keys of finished_at know every state, and are asked first."""
    change = "UPDATE runs_run SET state = 'lost', started_at = NULL WHERE id = %s"
    assert breach(change, [nightly.pk]) in ("runs_run_finished_at", "runs_run_state")


@pytest.mark.parametrize("name", EXECUTIONS)
def test_an_impossible_execution_is_refused(nightly, name):
    change = EXECUTIONS[name]
    assert (
        breach(f"UPDATE executions_execution SET {change} WHERE run_id = %s", [nightly.pk]) == name
    )


@pytest.mark.parametrize("state", ["queued", "running", "aborted"])
def test_only_a_finished_execution_has_a_verdict(nightly, state):
    assert (
        breach(RUNNING_EXECUTIONS, [state, nightly.pk]) == "executions_execution_finished_is_known"
    )


def test_one_case_and_variant_is_once_in_a_run(nightly):
    again = (
        "INSERT INTO executions_execution (project_id, run_id, case_id, case_version, variant, "
        "variant_label, instance, title, state, verdict, flaky, new_failure, first_seen, attempt, "
        "tries, message, trace, output, parameters, properties, planned, actual_result, note, "
        "seq) SELECT project_id, run_id, case_id, 1, variant, '', 1, '', 'queued', 'unknown', "
        "false, false, false, 1, 1, '', '', '', '{}', '{}', false, '', '', 0 "
        "FROM executions_execution WHERE run_id = %s"
    )
    assert breach(again, [nightly.pk]).startswith("executions_execution_")


def test_a_status_cannot_be_written(nightly):
    from django.db import ProgrammingError

    for table in ("runs_run", "executions_execution"):
        with (
            pytest.raises(ProgrammingError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {table} SET status = 'passed'")
