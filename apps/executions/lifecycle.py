from django.db import connection, transaction
from django.utils import timezone

from apps.projects.refusals import Refused
from apps.runs import lifecycle as runs
from apps.runs.models import Run
from apps.runs.shards import missing_shards

from .models import Evaluation, Execution, Import
from .pipeline.newness import MARK_CHANGED
from .pipeline.storing import MARK_FLAKY, TALLIED, tally


@transaction.atomic
def set_verdict(execution, verdict, *, by, note="", actual_result=""):
    """Judge an execution by hand; the first verdict of a created run starts it.

    Another verdict than the one that is there is an override, kept as an Evaluation. A completed
    run is judged anew. Raises TransitionRefused when the run was cancelled or aborted.
    """
    run = runs.lock(execution.run)
    if run.state == Run.State.CREATED:
        run = runs.start(run, by=by)
    run.require(Run.State.RUNNING, Run.State.COMPLETED)
    execution = run.executions.select_for_update(no_key=True, of=("self",)).get(pk=execution.pk)
    if execution.state == Execution.State.FINISHED and execution.verdict != verdict:
        _override(execution, verdict, note, by)
    now = timezone.now()
    execution.state = Execution.State.FINISHED
    execution.verdict = verdict
    execution.flaky = execution.new_failure = execution.first_seen = False
    execution.started_at = execution.started_at or now
    execution.finished_at = max(now, execution.started_at)
    execution.note, execution.actual_result = note, actual_result
    execution.executed_by = by
    execution.seq = run.seq + 1
    execution.save(
        update_fields=[
            "state",
            "verdict",
            "flaky",
            "new_failure",
            "first_seen",
            "started_at",
            "finished_at",
            "note",
            "actual_result",
            "executed_by",
            "seq",
        ]
    )
    _settle(run)
    execution.refresh_from_db()
    return execution


@transaction.atomic
def undo_import(import_, *, by):
    """Take back what an import brought: its results go back to the earlier try, or away.

    Cases that it made stay. A completed run is judged anew. Raises Refused when there is nothing
    to undo, TransitionRefused when the run was cancelled or aborted.
    """
    run = runs.lock(_run_of(import_))
    import_ = Import.objects.select_for_update(no_key=True, of=("self",)).get(pk=import_.pk)
    if import_.state != Import.State.DONE or import_.undone_at:
        raise Refused("There is nothing to undo: this import brought no results, or is undone.")
    run.require(Run.State.RUNNING, Run.State.COMPLETED)
    values = {"run": run.pk, "source": import_.pk, "seq": run.seq + 1}
    with connection.cursor() as cursor:
        for statement in UNDO:
            cursor.execute(statement, values)
    import_.undone_at = timezone.now()
    import_.save(update_fields=["undone_at"])
    _settle(run)
    return import_


# Tries of the import beneath results of others go; then its own results go back to the latest
# earlier try, to the queue (for what was planned before it), or away.
UNDO = [
    """
    WITH gone AS (
        DELETE FROM executions_attempt a WHERE a.run_id = %(run)s AND a.source_id = %(source)s
        RETURNING a.execution_id
    )
    UPDATE executions_execution e SET tries = e.tries - gone.count, seq = %(seq)s
    FROM (SELECT execution_id, count(*) FROM gone GROUP BY execution_id) gone
    WHERE e.run_id = %(run)s AND e.id = gone.execution_id
    """,
    """
    WITH back AS (
        DELETE FROM executions_attempt a USING (
            SELECT DISTINCT ON (a.execution_id) a.id FROM executions_attempt a
            JOIN executions_execution e ON e.run_id = a.run_id AND e.id = a.execution_id
            WHERE a.run_id = %(run)s AND e.source_id = %(source)s
            ORDER BY a.execution_id, a.number DESC, a.id DESC
        ) latest WHERE a.id = latest.id RETURNING a.*
    )
    UPDATE executions_execution e SET verdict = back.verdict, duration_ms = back.duration_ms,
        started_at = back.started_at, message = back.message, trace = back.trace,
        output = back.output, source_id = back.source_id, attempt = back.number,
        tries = e.tries - 1, flaky = false, new_failure = false, first_seen = false, seq = %(seq)s
    FROM back WHERE e.run_id = %(run)s AND e.id = back.execution_id
    """,
    """
    UPDATE executions_execution e SET state = 'queued', verdict = 'unknown', flaky = false,
        new_failure = false, first_seen = false, attempt = 1, tries = 1, duration_ms = NULL,
        started_at = NULL, finished_at = NULL, message = '', trace = '', output = '',
        parameters = '{}', properties = '{}', source_id = NULL, seq = %(seq)s
    WHERE e.run_id = %(run)s AND e.source_id = %(source)s AND e.id < %(source)s
    """,
    """
    DELETE FROM executions_evaluation v USING executions_execution e
    WHERE v.run_id = %(run)s AND e.run_id = v.run_id AND e.id = v.execution_id
        AND e.source_id = %(source)s
    """,
    """
    DELETE FROM executions_executionartifact f USING executions_execution e
    WHERE f.run_id = %(run)s AND e.run_id = f.run_id AND e.id = f.execution_id
        AND e.source_id = %(source)s
    """,
    """
    DELETE FROM executions_execution e
    WHERE e.run_id = %(run)s AND e.source_id = %(source)s
    """,
]


def _run_of(import_):
    if import_.run is None:
        raise Refused("There is nothing to undo: this import brought no results.")
    return import_.run


def _override(execution, verdict, note, by):
    Evaluation.objects.create(
        project=execution.project,
        run=execution.run,
        execution=execution,
        kind=Evaluation.Kind.OVERRIDE,
        verdict=verdict,
        reason=f"It was {execution.get_verdict_display().lower()} before.",
        note=note,
        created_by=by,
    )


def _settle(run):
    """Bring flags, counters and verdict in line with the executions as they are now."""
    values = {"run": run.pk, "seq": run.seq + 1}
    with connection.cursor() as cursor:
        cursor.execute(MARK_FLAKY, values)
        cursor.execute(MARK_CHANGED, values)
        counts = tally(cursor, "executions_execution WHERE run_id = %(run)s", values)
    for name in TALLIED:
        setattr(run, name, counts[name])
    run.seq += 1
    if run.state == Run.State.COMPLETED:
        run.verdict = run.verdict_from_counts(missing_shards=len(missing_shards(run)))
    run.save(update_fields=[*TALLIED, "seq", "verdict"])
    runs.announce(run)
