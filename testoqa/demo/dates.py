"""Believable dates: what was made within a second is spread over the two weeks before.

Ids stay as they are, since the partition of executions and the order of runs follow from them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from apps.cases.models import Case, CaseVersion
from apps.executions.models import Attempt, Import
from apps.projects.models import Project
from apps.runs.models import Run

NIGHT = 2
"""The hour in UTC at which the nightly runs begin."""

MORNING = timedelta(hours=4)
"""After the last night began, people have read its report and gone to work."""

PLANNED = timedelta(days=20)
"""Before now: when people wrote the first cases."""

PLANNING = timedelta(minutes=25)
"""From making a manual run to its first verdict."""

SET_UP = 0.08
"""Share of a run before its first test."""

# One after the other, in the order in which they came; what nobody executed yet stays without.
SPREAD = """
UPDATE executions_execution e SET started_at = spread.begun,
    finished_at = spread.begun + coalesce(e.duration_ms, 0) * interval '1 millisecond'
FROM (
    SELECT id, %(start)s::timestamptz + %(span)s::interval
        * ((row_number() OVER (ORDER BY seq, id) - 1)::float8 / count(*) OVER ()) AS begun
    FROM executions_execution WHERE run_id = %(run)s AND state = 'finished'
) spread
WHERE e.run_id = %(run)s AND e.id = spread.id
"""


def begin_of(story: dict[str, Any], now: datetime) -> datetime:
    """When a run began: `days_ago` before the last night that is well over."""
    hour = story.get("hour", NIGHT)
    night = now.astimezone(UTC).replace(hour=NIGHT, minute=11, second=4, microsecond=0)
    if night > now - MORNING:
        night -= timedelta(days=1)
    return night - timedelta(days=story["days_ago"]) + timedelta(hours=hour - NIGHT)


def date_project(project: Project, now: datetime) -> None:
    """The project and the cases of its first days."""
    first = now - PLANNED
    Project.objects.filter(pk=project.pk).update(created_at=first - timedelta(days=1))
    project.suites.update(created_at=first)
    manual = project.cases.filter(kind=Case.Kind.MANUAL)
    manual.update(created_at=first, updated_at=first)
    CaseVersion.objects.filter(project=project).update(created_at=first)
    project.artifacts.update(created_at=first + timedelta(hours=4))


def date_automated_run(run: Run, begin: datetime, minutes: float) -> None:
    """A finished run, its imports, tries and the cases that it made."""
    span = timedelta(minutes=minutes)
    end = begin + span
    _date_run(run, begin, started_at=begin, finished_at=end, duration_ms=round(minutes * 60_000))
    _spread(run, begin + SET_UP * span, (1 - 2 * SET_UP) * span)
    Import.objects.filter(run=run).update(created_at=end, finished_at=end)
    Attempt.objects.filter(run=run).update(started_at=begin + span / 2)
    made = run.project.cases.filter(created_at__gt=end, kind=Case.Kind.AUTOMATED)
    CaseVersion.objects.filter(case__in=made, number=1).update(created_at=end)
    made.update(created_at=end, updated_at=end)


def date_evidence(run: Run) -> None:
    """Files of its executions came with the results, its reports a little later."""
    end = run.finished_at or run.created_at
    artifacts = run.project.artifacts.filter(executionartifacts__run=run)
    artifacts.update(created_at=end)
    moment = end + timedelta(hours=1)
    run.reports_to.update(created_at=moment, made_at=moment)


def date_manual_run(run: Run, begin: datetime, now: datetime) -> None:
    """A run that people are in the middle of."""
    _date_run(run, begin - PLANNING, started_at=begin)
    _spread(run, begin + timedelta(minutes=6), now - begin - timedelta(minutes=10))


def date_later_versions(project: Project, moment: datetime) -> None:
    """Second versions were saved when somebody had looked at results."""
    later = CaseVersion.objects.filter(project=project, number__gt=1)
    later.update(created_at=moment)
    project.cases.filter(version__gt=1).update(updated_at=moment)


def _date_run(run, born, **fields):
    Run.objects.filter(pk=run.pk).update(created_at=born, **fields)
    run.refresh_from_db()


def _spread(run, start, span):
    with connection.cursor() as cursor:
        cursor.execute(SPREAD, {"run": run.pk, "start": start, "span": span})
