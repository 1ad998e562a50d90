"""Runs with results for reports: rows as the pipeline leaves them, counters included."""

from datetime import timedelta

from django.utils import timezone

from apps.runs import lifecycle
from apps.runs.models import Run
from tests.factories import owner_of

FAILED = ("failed", "error")


def make_run_with(project, results, *, finish=True, environment="ci", **fields):
    """A run with one execution for each of `results`: a status, or a dict with the fields."""
    owner = owner_of(project)
    fields.setdefault("name", "Nightly")
    run = lifecycle.create_run(
        project, by=owner, environment=project.environments.get(name=environment), **fields
    )
    run = lifecycle.start(run, by=owner)
    rows = [{"verdict": row} if isinstance(row, str) else row for row in results]
    run.executions.bulk_create([execution(project, run, at, row) for at, row in enumerate(rows, 1)])
    count(run)
    return lifecycle.finish(run, by=owner, duration_ms=154_000) if finish else run


def execution(project, run, position, row):
    case = project.cases.filter(number=position).first() or project.cases.create(
        number=position, title=f"test {position}"
    )
    row = {"title": f"test {position}", **row}
    if row["verdict"] == "pending":
        row.pop("verdict")
    else:
        row["state"] = "finished"
    return run.executions.model(project=project, run=run, case=case, **row)


def count(run):
    """Set the run's counters to what its rows say."""
    statuses = list(run.executions.values_list("status", "flaky", "new_failure"))
    for name in ["passed", "failed", "error", "skipped", "blocked"]:
        setattr(run, name, sum(status == name for status, _, _ in statuses))
    run.total = len(statuses)
    run.pending = run.total - run.passed - run.failed - run.error - run.skipped - run.blocked
    run.flaky = sum(flaky for _, flaky, _ in statuses)
    run.new_failures = sum(new for _, _, new in statuses)
    run.seq += 1
    run.save()


def change(run):
    """What any verb does to a run as far as a report sees it."""
    Run.objects.filter(pk=run.pk).update(seq=run.seq + 1)


def ago(**time):
    return timezone.now() - timedelta(**time)
