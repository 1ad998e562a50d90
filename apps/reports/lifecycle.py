from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.artifacts.lifecycle import delete_artifact, hang_artifact, store_artifact
from apps.projects.lifecycle import take_numbers
from apps.projects.models import Project
from apps.projects.refusals import Refused, Unprocessable
from apps.projects.trail import note
from apps.runs.models import Run

from .build import RUNS, build, write_executions
from .models import Report

EXECUTIONS = "executions.ndjson"


@transaction.atomic
def make_report(
    project: Project,
    *,
    first_run: Run,
    last_run: Run | None = None,
    detail: str = Report.Detail.SUMMARY,
    by: Any,
    title: str = "",
) -> Report:
    """Sum up one run, or all runs from the first to the last, finished or not.

    Raises Unprocessable for a range that runs backwards or holds too many runs.
    """
    last_run = last_run or first_run
    # The project's row comes before those of its runs, as for an import that makes cases.
    number = take_numbers(project, "report")
    runs = _lock_runs(project, first_run.number, last_run.number)
    if not runs:
        raise Unprocessable(
            f"There are no runs from #{first_run.number} to #{last_run.number}.",
            field="last_run",
            code="empty_range",
        )
    report = Report(
        project=project,
        number=number,
        title=title or _title(runs),
        detail=detail,
        first_run=runs[0],
        last_run=runs[-1],
        first_number=runs[0].number,
        last_number=runs[-1].number,
        created_by=by,
    )
    executions = _sum_up(report, runs, by=by)
    report.save(force_insert=True)
    note(project, "report.make", report, by=by, after={"runs": [runs[0].number, runs[-1].number]})
    if executions is not None:
        hang_artifact(executions, report, by=by)
    return report


@transaction.atomic
def remake_report(report: Report, *, by: Any) -> Report:
    """Count again from the same runs, those that are left. Raises Refused when none is."""
    runs = _lock_runs(report.project, report.first_number, report.last_number)
    report = _lock(report)
    if not runs:
        raise Refused("The runs of this report have been deleted; it stays as it is.", code="gone")
    former = report.content.get("executions_file")
    executions = _sum_up(report, runs, by=by)
    report.made_at = timezone.now()
    report.save(update_fields=["content", "seqs", "made_at"])
    note(report.project, "report.remake", report, by=by)
    if former:
        link = report.files.select_related("artifact").filter(artifact=former).first()
        if link is not None:
            _let_go(link, by=by)
    if executions is not None:
        hang_artifact(executions, report, by=by)
    return report


@transaction.atomic
def delete_report(report: Report, *, by: Any) -> None:
    """Remove the report, and those of its files that hang on nothing else."""
    report = _lock(report, no_key=False)
    note(report.project, "report.delete", report, by=by)
    for link in report.files.select_related("artifact"):
        _let_go(link, by=by)
    report.delete()


def _lock_runs(project, first, last):
    """The runs, held still while they are counted: figures and failures are of one moment."""
    locked = project.runs.select_for_update(no_key=True, of=("self",)).select_related("environment")
    return list(locked.filter(number__range=(first, last)).order_by("id")[: RUNS + 1])


def _lock(report, *, no_key=True):
    rows = Report.objects.select_for_update(no_key=no_key, of=("self",))
    locked = rows.filter(pk=report.pk).first()
    if locked is None:
        raise Refused(f"Report {report.number} has been deleted meanwhile.", code="gone")
    return locked


def _sum_up(report, runs, *, by):
    """Fill the content; of a detailed report the file with every execution is the answer."""
    runs = sorted(runs, key=lambda run: run.number)
    report.content = build(report.project, runs)
    report.seqs = {str(run.pk): run.seq for run in runs}
    if report.detail != Report.Detail.DETAILED:
        return None
    with write_executions(report.project, runs) as file:
        artifact = store_artifact(report.project, file, by=by, name=EXECUTIONS)
    report.content["executions_file"] = str(artifact.pk)
    return artifact


def _let_go(link, *, by):
    artifact = link.artifact
    link.delete()
    try:
        delete_artifact(artifact, by=by)
    except Refused:
        # It hangs on something else as well, and stays there.
        return


def _title(runs):
    first, last = runs[0], runs[-1]
    if first.number == last.number:
        return f"Run #{first.number}: {first.name}"[:255]
    return f"Runs #{first.number} to #{last.number}"
