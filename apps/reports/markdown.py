"""A report as Markdown; nothing that a test is called or says can become markup."""

import re
from datetime import UTC

# What marks up within a line, and what a reader such as GitHub's turns into links; nothing else, so
# that the source reads well too. No line begins with a text from outside.
MARKUP = re.compile(
    r"([\\`*\[\]<>#|~&@$]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.)", re.IGNORECASE
)
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
RESULTS = ["total", "passed", "failed", "error", "skipped", "blocked", "pending", "flaky"]
NONE = "–"


def escape(text) -> str:
    """The text on one line, every character of markup told to be itself."""
    line = " ".join(INVISIBLE.sub(" ", str(text)).split())
    return MARKUP.sub(r"\\\1", line)


def fenced(text, indent=""):
    """The text as a block of code, fenced longer than any fence within it."""
    text = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{indent}{line}" for line in [f"{fence}text", *text.split("\n"), fence]]


def markdown_lines(report, executions):
    """The lines of the report; `executions` are those of a detailed one, in their order."""
    content = report.content
    yield f"# {escape(report.title)}"
    yield ""
    yield from _facts(report)
    yield ""
    yield from _results(content["results"])
    if len(content["runs"]) > 1:
        yield from _runs(content["runs"])
    yield from _performance(content)
    yield from _failures(report)
    if content.get("executions_file"):
        yield from _executions(executions)
    yield ""
    made = f"{report.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    yield f"Report {report.number}, made {made} by TestoQA."


def _facts(report):
    content = report.content
    facts = [
        ("Runs" if len(content["runs"]) > 1 else "Run", content["session_id"]),
        ("Execution time", content["execution_time"]),
        ("Environment", content["environment"]),
        ("Database", content["database"]),
        ("Success rate", content["results"]["success_rate"]),
    ]
    return [f"- **{name}:** {escape(value or NONE)}" for name, value in facts]


def _results(results):
    return [
        "| " + " | ".join(name.capitalize() for name in RESULTS) + " |",
        "| " + " | ".join("---:" for _ in RESULTS) + " |",
        "| " + " | ".join(f"{results[name]:,}" for name in RESULTS) + " |",
    ]


def _runs(runs):
    yield from ["", "## Runs", ""]
    yield "| Run | Name | Status | Environment | Total | Passed | Failed | Error | Rate | Time |"
    yield "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for run in runs:
        figures = [f"{run['results'][name]:,}" for name in ["total", "passed", "failed", "error"]]
        names = [escape(run[key]) for key in ["run", "name", "status", "environment"]]
        last = [escape(run["results"]["success_rate"] or NONE), run["execution_time"] or NONE]
        yield "| " + " | ".join([*names, *figures, *last]) + " |"


def _performance(content):
    if content["performance"]["avg"] is None:
        return
    yield from ["", "## Slowest tests", ""]
    yield f"On average {content['performance']['avg']}."
    yield ""
    yield "| Test | Time |"
    yield "| --- | ---: |"
    for row in content["slowest"]:
        yield f"| {escape(row['test'])} | {row['duration']} |"


def _failures(report):
    content = report.content
    if not content["failures"]:
        return
    yield from ["", "## Failures", ""]
    several = len(content["runs"]) > 1
    for position, failure in enumerate(content["failures"], 1):
        marks = [failure["status"]]
        marks += ["never seen before" if failure["first_seen"] else "new"] * failure["new"]
        marks += [f"{report.project.key}-{failure['run']}"] * several
        yield f"{position}. **{escape(failure['test'])}** ({escape(', '.join(marks))})"
        indent = " " * (len(str(position)) + 2)
        if failure["error"]:
            yield ""
            yield from fenced(failure["error"], indent)
        if failure["remediation"]:
            yield ""
            yield f"{indent}{escape(failure['remediation'])}"
        yield ""
    if content["truncated"]:
        yield f"{content['truncated']:,} more failures are not listed."


def _executions(executions):
    yield from ["", "## All results", ""]
    yield "| Run | Case | Test | Status | Time |"
    yield "| --- | --- | --- | --- | ---: |"
    for row in executions:
        time = NONE if row["duration_ms"] is None else f"{row['duration_ms']:,} ms"
        status = f"{row['status']}, flaky" if row["flaky"] else row["status"]
        names = [escape(row[key]) for key in ["run", "case", "test"]]
        yield "| " + " | ".join([*names, status, time]) + " |"
