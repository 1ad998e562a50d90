from functools import partial

from django.db import transaction
from django.utils import timezone

from apps.artifacts.lifecycle import delete_unlinked
from apps.cases import ran
from apps.cases.locks import hold_cases, hold_suite
from apps.memberships.forms import find_person
from apps.projects.lifecycle import take_numbers
from apps.projects.locks import hold_environment
from apps.projects.refusals import Refused
from apps.projects.trail import changes, note

from . import live
from .locks import lock_run
from .models import Run
from .verdicts import verdict_of

UNFINISHED_EXECUTIONS = ["queued", "running"]


@transaction.atomic
def create_run(
    project,
    *,
    by,
    name,
    environment,
    kind=Run.Kind.AUTOMATED,
    suite=None,
    cases=(),
    triggered_by="",
    **fields,
):
    """A run in the state created; each of `cases` gets a queued execution of its current version.

    `fields`: run_key, branch, commit, ci_url, configuration, tags, shards. Raises Refused when the
    environment, the suite or a case is gone.
    """
    run = project.runs.create(
        number=take_numbers(project, "run"),
        name=name,
        kind=kind,
        environment=hold_environment(environment),
        suite=hold_suite(project, suite),
        created_by=by,
        triggered_by=triggered_by or str(by),
        **fields,
    )
    executions = run.executions.bulk_create(
        (
            run.executions.model(
                project=project,
                run=run,
                case=case,
                case_version=case.version,
                title=case.title,
                planned=True,
                seq=1,
            )
            for case in hold_cases(project, cases)
        ),
        batch_size=1000,
    )
    if executions:
        run.total = run.pending = len(executions)
        run.seq = 1
        run.save(update_fields=["total", "pending", "seq"])
    note(project, "run.create", run, by=by, after={"kind": kind, "executions": len(executions)})
    transaction.on_commit(partial(live.run_changed, run), robust=True)
    return run


@transaction.atomic
def start(run, *, by):
    """Begin to execute."""
    run = lock_run(run)
    run.require(Run.State.CREATED)
    run.state = Run.State.RUNNING
    run.started_at = timezone.now()
    note(run.project, "run.start", run, by=by)
    return _save(run, "state", "started_at")


@transaction.atomic
def change_run(run, *, by, **fields):
    """Rename or describe a run; its state and results have verbs of their own.

    Raises Refused when the environment is gone.
    """
    run = lock_run(run)
    if "environment" in fields:
        fields["environment"] = hold_environment(fields["environment"])
    before, after = changes(run, fields)
    for name, value in fields.items():
        setattr(run, name, value)
    note(run.project, "run.change", run, by=by, before=before, after=after)
    return _save(run, *fields)


@transaction.atomic
def finish(run, *, by, duration_ms=None):
    """Close the run: its verdict follows from its executions and from what uploads brought.

    `duration_ms` is the tests' own time where the clock says nothing, as for a run made of a file.
    """
    run = lock_run(run)
    run.require(Run.State.RUNNING)
    run.state = Run.State.COMPLETED
    run.verdict = verdict_of(run)
    note(run.project, "run.finish", run, by=by, after={"verdict": run.verdict})
    return _close(run, "state", "verdict", duration_ms=duration_ms)


@transaction.atomic
def cancel(run, *, by):
    """End the run on a person's wish; what has not been executed is aborted."""
    return _break_off(run, Run.State.CANCELLED, "run.cancel", by=by)


@transaction.atomic
def abort(run, *, by):
    """End a run that cannot go on; what has not been executed is aborted."""
    return _break_off(run, Run.State.ABORTED, "run.abort", by=by)


@transaction.atomic
def delete_run(run, *, by):
    """Remove the run with its executions, tries, evaluations and receipts; reports of it stay.

    Files go with it unless something else holds them too.
    """
    run = lock_run(run, no_key=False)
    links = (run.files, run.executionartifacts)
    held = {pk for rows in links for pk in rows.values_list("artifact_id", flat=True)}
    cases = set(run.executions.filter(state="finished").values_list("case_id", flat=True))
    for rows in (run.attempts, run.evaluations, run.executionartifacts, run.executions):
        rows.all()._raw_delete(using=rows.db)
    project = run.project
    ran.unmark(project, cases)
    note(project, "run.delete", run, by=by, before=run.counts)
    run.delete()
    delete_unlinked(project, held, by=by)


@transaction.atomic
def add_guest(run, email, *, by, may_execute=False):
    """Let somebody outside the project see this run, or judge its executions too.

    Adding an address again sets anew what it may. Whether there is an account with it is not said:
    without one the row opens nothing until the address is added again. Raises Refused for a member,
    who sees the run anyway.
    """
    run = lock_run(run)
    email, person = email.strip().lower(), find_person(email)
    if person and run.project.memberships.filter(user=person).exists():
        raise Refused(
            f"{email} is a member of {run.project.key}, and sees the run already.",
            field="email",
            code="member",
        )
    fields = {"user": person, "may_execute": may_execute}
    guest, _ = run.guests.update_or_create(
        project=run.project,
        email=email,
        defaults=fields,
        create_defaults={**fields, "created_by": by},
    )
    note(run.project, "guest.add", guest, by=by, after={"run": run, "may_execute": may_execute})
    return guest


@transaction.atomic
def remove_guest(guest, *, by):
    """Show the run to this guest no longer. Raises Refused when somebody did so before."""
    run = lock_run(guest.run)
    found = run.guests.filter(pk=guest.pk).first()
    if found is None:
        raise Refused(f"{guest} is not a guest of run #{run.number} any more.", code="gone")
    note(run.project, "guest.remove", found, by=by, before={"run": run})
    found.delete()


def _break_off(run, state, verb, *, by):
    run = lock_run(run)
    run.require(*Run.UNFINISHED)
    note(run.project, verb, run, by=by, before={"state": run.state})
    run.state = state
    run.executions.filter(state__in=UNFINISHED_EXECUTIONS).update(state="aborted", seq=run.seq + 1)
    return _close(run, "state")


def _close(run, *fields, duration_ms=None):
    run.finished_at = timezone.now()
    if run.started_at is not None:
        # The clocks of two machines may differ a little.
        run.finished_at = max(run.finished_at, run.started_at)
        elapsed = run.finished_at - run.started_at
        run.duration_ms = (
            round(elapsed.total_seconds() * 1000) if duration_ms is None else duration_ms
        )
    return _save(run, *fields, "finished_at", "duration_ms")


def _save(run, *fields):
    run.seq += 1
    run.save(update_fields=[*fields, "seq"])
    transaction.on_commit(partial(live.run_changed, run), robust=True)
    return run
