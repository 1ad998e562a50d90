"""How far a run is: the ribbon of its arrivals, and when it is likely to end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

SLICES = 240
RIBBON_KEPT = 3600
"""Seconds; the key holds the run's seq, so a ribbon kept is never an old one."""
OWN_PACE_FROM = 0.05
"""Share of the run from which its own pace says more than that of the run before."""

# A slice shows the loudest result in it.
LOUDNESS = ["skipped", "passed", "blocked", "flaky", "error", "failed"]
ARRIVALS = """
    SELECT slice, max(loudness)
    FROM (
        SELECT
            (row_number() OVER (ORDER BY seq, id) - 1) * %(slices)s / %(done)s AS slice,
            CASE WHEN flaky THEN 3 ELSE array_position(%(names)s, status::text) - 1 END AS loudness
        FROM executions_execution
        WHERE run_id = %(run)s AND state = 'finished'
    ) arrived
    GROUP BY slice
    ORDER BY slice
"""


@dataclass(frozen=True)
class Estimate:
    """`expected` tests, of which a `share` (0 to 1) is done; else None where nothing tells."""

    expected: int
    share: float
    elapsed_ms: int | None = None
    left_ms: int | None = None
    ends_at: datetime | None = None
    a_minute: int | None = None

    @property
    def percent(self):
        return int(100 * self.share)


def ribbon(run, estimate):
    """One status for each slice of the results in the order they arrived, at most 240."""
    if not run.done:
        return []
    slices = max(1, min(run.done, round(SLICES * estimate.share)))
    key = f"ribbon:{run.pk}:{run.seq}:{slices}"
    if (statuses := cache.get(key)) is None:
        statuses = _arrivals(run, slices)
        cache.set(key, statuses, RIBBON_KEPT)
    return statuses


def slots(run, estimate):
    """How many slices the ribbon is wide: a small run is not stretched by what it lacks."""
    return min(SLICES, estimate.expected) if run.done else SLICES


def _arrivals(run, slices):
    values = {"run": run.pk, "done": run.done, "slices": slices, "names": LOUDNESS}
    with connection.cursor() as cursor:
        cursor.execute(ARRIVALS, values)
        return [LOUDNESS[loudness] for _, loudness in cursor.fetchall()]


def estimate(run, now=None):
    """What can be said about the end of a run.

    A running run is compared with the last completed one of the same run key, or of the same name
    and branch: it tells how many tests to expect and, until the run has a pace of its own, how long
    they take. Without such a run nothing is foretold.
    """
    if run.state != run.State.RUNNING:
        return Estimate(expected=run.total, share=run.done / run.total if run.total else 0)
    before = _run_before(run)
    expected = max(run.total, before.total if before else 0)
    share = run.done / expected if expected else 0
    elapsed = round(((now or timezone.now()) - run.started_at).total_seconds() * 1000)
    left = _left(before, share, elapsed)
    return Estimate(
        expected=expected,
        share=share,
        elapsed_ms=max(0, elapsed),
        left_ms=left,
        ends_at=None if left is None else timezone.now() + timedelta(milliseconds=left),
        a_minute=round(run.done * 60_000 / elapsed) if elapsed >= 10_000 and run.done else None,
    )


def _left(before, share, elapsed):
    if before is None or share >= 1:
        return None
    if share >= OWN_PACE_FROM and elapsed >= 10_000:
        return round(elapsed * (1 - share) / share)
    return round(before.duration_ms * (1 - share))


def _run_before(run):
    alike = {"run_key": run.run_key} if run.run_key else {"name": run.name, "branch": run.branch}
    return (
        run.project.runs.completed()
        .filter(total__gt=0, duration_ms__gt=0, pk__lt=run.pk, **alike)
        .order_by("-id")
        .only("total", "duration_ms")
        .first()
    )
