"""Results of cases over time, read along the index of executions by case, newest run first."""

from dataclasses import dataclass
from statistics import median

from django.db import connection

# One short walk for each case shown, however many results the project holds.
LAST = """
SELECT shown.id, recent.status, recent.flaky
FROM unnest(%s::uuid[]) WITH ORDINALITY AS shown (id, place)
CROSS JOIN LATERAL (
    SELECT status, flaky, run_id, id FROM executions_execution
    WHERE case_id = shown.id AND state = 'finished'
    ORDER BY run_id DESC, id DESC LIMIT %s
) recent
ORDER BY shown.place, recent.run_id, recent.id
"""
LISTED = ["message", "trace", "output", "actual_result", "note", "parameters", "properties"]


def last_results(cases, count=10) -> dict:
    """{case id: last results, oldest first} by one query; flaky where a pass needed tries."""
    found: dict = {case.pk: [] for case in cases}
    if not found:
        return found
    with connection.cursor() as cursor:
        cursor.execute(LAST, [list(found), count])
        for case_id, status, flaky in cursor.fetchall():
            found[case_id].append("flaky" if flaky else status)
    return found


def recent_executions(case, count=30) -> list:
    """The last finished executions of a case, newest first, with their runs and without texts."""
    return list(
        case.executions.filter(state="finished")
        .select_related("run", "run__environment", "run__created_by", "executed_by")
        .defer(*LISTED)
        .order_by("-run_id", "-id")[:count]
    )


def shown_status(execution) -> str:
    return "flaky" if execution.flaky else execution.status


@dataclass(frozen=True)
class Trend:
    """Durations as the attributes of a chart; times in milliseconds."""

    line: str
    area: str
    points: list[dict]
    median: int
    longest: int
    latest: int
    count: int


WIDTH, HEIGHT, LEFT, TOP = 640, 120, 8, 10


def duration_trend(executions) -> Trend | None:
    """How long the case took in these executions, given newest first; None below two times."""
    timed = [row for row in reversed(executions) if row.duration_ms is not None]
    if len(timed) < 2:
        return None
    times = [row.duration_ms for row in timed]
    longest = max(times)
    step = (WIDTH - 2 * LEFT) / (len(timed) - 1)
    points = [
        {
            "execution": row,
            "x": round(LEFT + place * step, 1),
            "y": round(HEIGHT - (HEIGHT - TOP) * row.duration_ms / (longest or 1), 1),
            "status": shown_status(row),
        }
        for place, row in enumerate(timed)
    ]
    line = "M" + "L".join(f"{point['x']} {point['y']}" for point in points)
    return Trend(
        line=line,
        area=f"{line}V{HEIGHT}H{LEFT}Z",
        points=points,
        median=round(median(times)),
        longest=longest,
        latest=times[-1],
        count=len(times),
    )
