"""A report as JSON, Markdown and HTML, written to a temporary file so that any size can be sent."""

import re
import tempfile
from contextlib import contextmanager

import orjson
from django.core.files.storage import default_storage
from django.template.loader import render_to_string

from .markdown import markdown_lines

FORMATS = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}

KEYS = ["session_id", "execution_time", "environment", "database", "results", "performance"]
RESULT_KEYS = [
    "total",
    "passed",
    "failed",
    "skipped",
    "error",
    "blocked",
    "pending",
    "flaky",
    "success_rate",
]
PERFORMANCE_KEYS = ["avg", "slowest", "fastest"]
RUN_KEYS = ["run", "name", "status", "environment", "database", "execution_time", "results"]

PRINTED_EXECUTIONS = 2000
"""Executions in the printable page; JSON and Markdown hold all of them."""


def document(report):
    """What scripts read: {"session_id", "execution_time", "environment", "database", "results":
    {…}, "performance": {…}, "failures": [{"test", "error", "remediation"}]}.

    `truncated` is there when failures were left out. A range adds "runs", and a "run" to each
    failure.
    The executions of a detailed report are added by `write_json`.
    """
    content = report.content
    spans = len(content["runs"]) > 1 or report.first_number != report.last_number
    shown = _ordered(content, KEYS)
    shown["performance"] = _ordered(content["performance"], PERFORMANCE_KEYS)
    if spans:
        shown["runs"] = [_ordered(run, RUN_KEYS) for run in content["runs"]]
    shown["failures"] = [_failure(report, failure, spans) for failure in content["failures"]]
    if content["truncated"]:
        shown["truncated"] = content["truncated"]
    return shown


def _ordered(stored, keys):
    """In the order of the keys, which jsonb does not keep."""
    shown = {key: stored[key] for key in keys}
    if "results" in shown:
        shown["results"] = {key: shown["results"][key] for key in RESULT_KEYS}
    return shown


def _failure(report, failure, spans):
    shown = {key: failure[key] for key in ["test", "error", "remediation"]}
    return {**shown, "run": f"{report.project.key}-{failure['run']}"} if spans else shown


def written(report, kind, request):
    """A temporary file, at its beginning, of the report in one of FORMATS; the caller closes it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    with executions_of(report) as lines:
        if kind == "json":
            _write_json(file, report, lines)
        elif kind == "md":
            for line in markdown_lines(report, map(orjson.loads, lines)):
                file.write(line.encode() + b"\n")
        else:
            file.write(_html(report, lines, request).encode())
    file.seek(0)
    return file


def filename(report, kind):
    return re.sub(r"\.\.", "-", f"{report.content['session_id']}-report-{report.number}.{kind}")


@contextmanager
def executions_of(report):
    """The lines of the file with every execution; none of a summary."""
    key = report.content.get("executions_file")
    artifact = report.project.artifacts.filter(pk=key).first() if key else None
    if artifact is None:
        yield iter(())
        return
    with default_storage.open(artifact.file.name, "rb") as file:
        yield iter(file)


def _write_json(file, report, lines):
    file.write(orjson.dumps(document(report)))
    if not report.content.get("executions_file"):
        return
    file.seek(-1, 2)
    file.write(b',"executions":[')
    for position, line in enumerate(lines):
        file.write((b"," if position else b"") + line.rstrip(b"\n"))
    file.write(b"]}")


def _html(report, lines, request):
    first = [orjson.loads(line) for _, line in zip(range(PRINTED_EXECUTIONS), lines, strict=False)]
    context = {"report": report, "content": report.content, "executions": first, "printed": True}
    return render_to_string(
        "reports/print.html", {**context, "project": report.project}, request=request
    )
