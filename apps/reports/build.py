"""What a report says, counted from the runs' rows in bounded memory by a few queries."""

import tempfile
from functools import reduce
from operator import or_

import orjson
from django.db.models import Avg, Max, Q
from django.db.models.functions import Left, Length, Right
from django.utils import timezone

from apps.executions.models import Verdict
from apps.projects.refusals import Unprocessable
from apps.projects.titles import on_page
from apps.runs.models import COUNTED

from .remediation import remediation
from .wording import brief, one_of, session_id, spell, success_rate

RUNS = 500
"""Runs that one report may span."""

FAILURES = 10_000
"""Failures written out; the report says how many more there were in `truncated`."""

SLOWEST = 10
ERROR_LENGTH = 2000
TRACE_LENGTH = 1000
EXECUTED = [Verdict.PASSED, Verdict.FAILED, Verdict.ERROR]
PIECE = 2000


def build(project, runs):
    """The content of a report on these runs, the oldest first: plain values, ready for JSON.

    Beside what `formats.document` shows it holds what the page needs to link and to sort.
    """
    if len(runs) > RUNS:
        raise Unprocessable(
            f"A report may span {RUNS} runs; choose a shorter range.",
            field="last_run",
            code="too_many_runs",
        )
    lines = [_line(project, run) for run in runs]
    counts = {
        name: sum(getattr(run, name) for run in runs) for name in ["total", *COUNTED, "flaky"]
    }
    numbers = {run.pk: run.number for run in runs}
    slowest = _slowest(project, numbers)
    times = [time for run in runs if (time := _elapsed(run)) is not None]
    return {
        "session_id": session_id(project.key, runs[0].number, runs[-1].number),
        "execution_time": spell(sum(times)) if times else None,
        "environment": one_of(line["environment"] for line in lines),
        "database": one_of(line["database"] for line in lines),
        "results": _results(counts),
        "performance": _performance(project, numbers, slowest),
        "failures": list(_failures(project, numbers)),
        "truncated": max(0, counts["failed"] + counts["error"] - FAILURES),
        "runs": lines,
        "slowest": slowest,
    }


def write_executions(project, runs):
    """Every execution of the runs, one JSON object a line, in a temporary file the caller closes.

    {"test", "case", "run", "status", "duration_ms", "started_at", "flaky", "new_failure", "error",
    "remediation"}; the last two are null unless it failed.
    """
    numbers = {run.pk: run.number for run in runs}
    file = tempfile.TemporaryFile()  # noqa: SIM115  the caller reads and closes it
    rows = (
        _executions(project, numbers)
        .order_by("run_id", "id")
        .values(*NAMED, *ERROR_PARTS, "duration_ms", "started_at", "flaky")
    )
    for row in rows.iterator(chunk_size=PIECE):
        file.write(
            orjson.dumps(_execution(project, numbers, row), option=orjson.OPT_APPEND_NEWLINE)
        )
    return file


NAMED = ["id", "run_id", "title", "variant_label", "status", "new_failure", "case__number"]
ERROR_PARTS = ["said", "length", "trace_start", "trace_end"]


def _line(project, run):
    """One run of the report."""
    database = run.configuration.get("database") if isinstance(run.configuration, dict) else None
    return {
        "run": f"{project.key}-{run.number}",
        "number": run.number,
        "name": run.name,
        "status": run.status,
        "environment": run.environment.name,
        "database": str(database) if database not in (None, "") else None,
        "branch": run.branch,
        "commit": run.commit,
        "ci_url": run.ci_url,
        "triggered_by": run.triggered_by,
        "execution_time": spell(_elapsed(run)),
        "started_at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
        "new_failures": run.new_failures,
        "results": _results(run.counts),
    }


def _results(counts):
    return {
        "total": counts["total"],
        "passed": counts["passed"],
        "failed": counts["failed"],
        "skipped": counts["skipped"],
        "error": counts["error"],
        "blocked": counts["blocked"],
        "pending": counts["pending"],
        "flaky": counts["flaky"],
        "success_rate": success_rate(counts),
    }


def _elapsed(run):
    """Milliseconds from start to finish, or until now for a run that goes on."""
    if run.duration_ms is not None or run.started_at is None:
        return run.duration_ms
    end = run.finished_at or timezone.now()
    return max(0, round((end - run.started_at).total_seconds() * 1000))


def _executions(project, numbers):
    return project.executions.filter(run__in=list(numbers)).annotate(
        said=Left("message", ERROR_LENGTH),
        length=Length("message"),
        trace_start=Left("trace", TRACE_LENGTH),
        trace_end=Right("trace", TRACE_LENGTH),
    )


def _timed(project, numbers):
    return project.executions.filter(
        run__in=list(numbers), status__in=EXECUTED, duration_ms__isnull=False
    )


def _performance(project, numbers, slowest):
    timed = _timed(project, numbers)
    average = timed.aggregate(value=Avg("duration_ms"))["value"]
    fastest = timed.order_by("duration_ms", "run_id", "id").values(*NAMED, "duration_ms").first()
    return {
        "avg": brief(None if average is None else round(average)),
        "slowest": f"{slowest[0]['test']} ({slowest[0]['duration']})" if slowest else None,
        "fastest": f"{_title(fastest)} ({brief(fastest['duration_ms'])})" if fastest else None,
    }


def _slowest(project, numbers):
    """The slowest tests, each once: where it took longest."""
    timed = _timed(project, numbers).order_by()
    tests = timed.values("case_id", "variant").annotate(longest=Max("duration_ms"))
    wanted = [
        Q(case=test["case_id"], variant=test["variant"], duration_ms=test["longest"])
        for test in tests.order_by("-longest", "case_id", "variant")[:SLOWEST]
    ]
    if not wanted:
        return []
    rows = timed.filter(reduce(or_, wanted)).order_by("-duration_ms", "run_id", "id")
    first = {}
    for row in rows.values(*NAMED, "duration_ms", "case_id", "variant"):
        first.setdefault((row["case_id"], bytes(row["variant"])), row)
    return [
        {**_place(project, numbers, row), "duration": brief(row["duration_ms"])}
        for row in first.values()
    ]


def _failures(project, numbers):
    """The failing executions, the new ones first, then in the order of the runs."""
    failing = _executions(project, numbers).failing().order_by("-new_failure", "run_id", "id")
    rows = failing.values(*NAMED, *ERROR_PARTS, "first_seen")[:FAILURES]
    for row in rows.iterator(chunk_size=PIECE):
        yield {
            **_place(project, numbers, row),
            "error": _error(row),
            "remediation": remediation(row["said"], row["trace_start"], row["trace_end"]),
            "new": row["new_failure"],
            "first_seen": row["first_seen"],
        }


def _place(project, numbers, row):
    return {
        "test": _title(row),
        "status": row["status"],
        "case": f"{project.key}-{row['case__number']}",
        "run": numbers[row["run_id"]],
        "execution": str(row["id"]),
    }


def _execution(project, numbers, row):
    failed = row["status"] in ("failed", "error")
    texts = (row["said"], row["trace_start"], row["trace_end"])
    return {
        "test": _title(row),
        "case": f"{project.key}-{row['case__number']}",
        "run": f"{project.key}-{numbers[row['run_id']]}",
        "status": row["status"],
        "duration_ms": row["duration_ms"],
        "started_at": _iso(row["started_at"]),
        "flaky": row["flaky"],
        "new_failure": row["new_failure"],
        "error": _error(row) if failed else None,
        "remediation": remediation(*texts) if failed else None,
    }


def _title(row):
    return f"{on_page(row['title'])} {on_page(row['variant_label'])}".strip()


def _error(row):
    """The message; without one the first line of the trace. What was cut is said at its end."""
    if row["said"]:
        rest = row["length"] - len(row["said"])
        return row["said"] + (f"… ({rest:,} more characters)" if rest > 0 else "")
    return next((line.strip() for line in row["trace_start"].splitlines() if line.strip()), "")


def _iso(moment):
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
