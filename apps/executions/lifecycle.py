from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from apps.artifacts.lifecycle import delete_unlinked
from apps.cases import ran
from apps.projects import trail
from apps.projects.refusals import Refused
from apps.runs import lifecycle as runs
from apps.runs import live
from apps.runs.locks import lock_run
from apps.runs.models import Run
from apps.runs.verdicts import verdict_of

from .models import Evaluation, Execution, Import
from .pipeline.newness import MARK_CHANGED
from .pipeline.storing import MARK_FLAKY, TALLIED, tally
from .pipeline.undoing import take_back


@transaction.atomic
def set_verdict(execution, verdict, *, by, note=None, actual_result=None):
    """Judge an execution by hand; the first verdict of a created run starts it.

    Another verdict than the one that is there is an override, kept as an Evaluation. A completed
    run is judged anew. None for `note` or `actual_result` leaves what is there. Raises
    TransitionRefused when the run was cancelled or aborted.
    """
    run = lock_run(execution.run)
    if run.state == Run.State.CREATED:
        run = runs.start(run, by=by)
    run.require(Run.State.RUNNING, Run.State.COMPLETED)
    execution = _lock(run, execution)
    before = {"status": execution.status}
    note = execution.note if note is None else note
    if execution.state == Execution.State.FINISHED and execution.verdict != verdict:
        _override(execution, verdict, note, by)
    now = timezone.now()
    execution.state = Execution.State.FINISHED
    execution.verdict = verdict
    execution.flaky = execution.new_failure = execution.first_seen = False
    execution.started_at = execution.started_at or now
    execution.finished_at = max(now, execution.started_at)
    execution.note = note
    if actual_result is not None:
        execution.actual_result = actual_result
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
    ran.mark(execution.case_id)
    _settle(run)
    label = f"#{run.number} {execution}"
    after = {"status": verdict} | ({"note": note} if note else {})
    trail.note(
        run.project, "execution.judge", execution, by=by, label=label, before=before, after=after
    )
    execution.refresh_from_db()
    return execution


@transaction.atomic
def undo_import(import_, *, by):
    """Take back what an import brought: its results go back to the earlier try, or away.

    Cases that it made stay. A completed run is judged anew. Raises Refused when there is nothing
    to undo, TransitionRefused when the run was cancelled or aborted.
    """
    run = lock_run(_run_of(import_))
    import_ = Import.objects.select_for_update(no_key=True, of=("self",)).get(pk=import_.pk)
    if import_.state != Import.State.DONE or import_.undone_at:
        raise Refused("There is nothing to undo: this import brought no results, or is undone.")
    run.require(Run.State.RUNNING, Run.State.COMPLETED)
    cases = set(run.executions.filter(source=import_).values_list("case_id", flat=True))
    delete_unlinked(run.project, take_back(run, import_), by=by)
    ran.unmark(run.project, cases)
    import_.undone_at = timezone.now()
    import_.save(update_fields=["undone_at"])
    _settle(run)
    trail.note(run.project, "import.undo", import_, by=by, after={"run": run})
    return import_


def _run_of(import_):
    if import_.run is None:
        raise Refused("There is nothing to undo: this import brought no results.")
    return import_.run


def _lock(run, execution):
    held = run.executions.select_for_update(no_key=True, of=("self",)).filter(pk=execution.pk)
    if (locked := held.first()) is None:
        raise Refused("The import that brought this result was undone meanwhile.", code="gone")
    return locked


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
        cursor.execute("SET LOCAL enable_nestloop = on")
    for name in TALLIED:
        setattr(run, name, counts[name])
    run.seq += 1
    if run.state == Run.State.COMPLETED:
        run.verdict = verdict_of(run)
    run.save(update_fields=[*TALLIED, "seq", "verdict"])
    transaction.on_commit(partial(live.run_changed, run), robust=True)
