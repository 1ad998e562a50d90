"""The runs of the demo: results go in the way CI sends them, verdicts the way people give them."""

from datetime import datetime
from io import BytesIO
from typing import Any

from apps.accounts.models import User
from apps.artifacts.lifecycle import hang_artifact, store_artifact, store_text
from apps.cases.models import Case
from apps.executions.intake import import_file
from apps.executions.lifecycle import set_verdict
from apps.projects.models import Project
from apps.runs import lifecycle
from apps.runs.models import Run

from .content import manual_cases, read
from .dates import date_automated_run
from .junit import result_file
from .picture import expired_checkout

CONFIGURATION = {"database": "PostgreSQL 18", "browser": "Chromium 141"}
CONSOLE = "\n".join(
    [
        "02:17:03.611 GET  /checkout/payment 200 84 ms",
        "02:17:05.040 POST /payments/3ds/start 303 211 ms",
        "02:17:05.266 GET  https://acs.bank.example/challenge/0f6d 200 190 ms",
        "02:17:07.918 POST https://acs.bank.example/challenge/0f6d 303 402 ms",
        "02:17:08.322 POST /payments/3ds/return (pending)",
        "02:17:38.326 POST /payments/3ds/return 502 30004 ms",
        "02:17:38.330 error Your session has expired. Please start the checkout again.",
        "02:17:38.331 error upstream connect error, reset before headers, x-request-id 6f1d2c",
        "",
    ]
)


def make_automated_run(
    project: Project, story: dict[str, Any], begin: datetime, *, by: User
) -> Run:
    """A run of result files, one or one for each of its shards, that began at this moment."""
    shards = story.get("shards")
    run = lifecycle.create_run(
        project,
        by=by,
        name=story["name"],
        environment=project.environments.get(name=story["environment"]),
        triggered_by=story["triggered_by"],
        branch=story["branch"],
        commit=story["commit"],
        ci_url=story["ci_url"],
        run_key=story.get("run_key", ""),
        configuration=CONFIGURATION,
        shards=shards,
    )
    if shards:
        for shard in range(shards):
            fields = {"run_key": story["run_key"], "shard": f"{shard + 1}/{shards}"}
            file = result_file(story, shard=shard, shards=shards)
            _send(project, file, f"junit-{shard + 1}.xml", fields, by=by)
    else:
        _send(project, result_file(story), "junit.xml", {"run": str(run.number)}, by=by)
        lifecycle.finish(run, by=by)
    date_automated_run(run, begin, story["minutes"])
    return run


def _send(project, file: BytesIO, filename, fields, *, by):
    import_file(project, file, by=by, filename=filename, fields=fields)


def attach_evidence(run: Run, *, by: User) -> None:
    """What the browser showed and said when the payment test failed."""
    execution = run.executions.get(title="completes the 3-D Secure challenge")
    project = run.project
    screenshot = store_artifact(project, expired_checkout(), by=by, name="checkout-expired.png")
    hang_artifact(screenshot, execution, by=by)
    hang_artifact(store_text(project, CONSOLE, by=by, name="network.log"), execution, by=by)


def make_manual_run(project: Project, *, by: User) -> Run:
    """The acceptance run of a release, partly executed."""
    cases = project.cases.filter(kind=Case.Kind.MANUAL).order_by("number")
    planned = [
        (case, said)
        for case, said in zip(cases, manual_cases(), strict=True)
        if "acceptance" in said["tags"]
    ]
    run = lifecycle.create_run(
        project,
        by=by,
        name="Acceptance of release 4.18",
        kind=Run.Kind.MANUAL,
        environment=project.environments.get(name="staging"),
        branch="release/4.18",
        commit="c4d9aa0e6b72",
        configuration={"browser": "Firefox 145, Safari 18"},
        cases=[case for case, _ in planned],
    )
    executions = {execution.case_id: execution for execution in run.executions.all()}
    for case, said in planned:
        if "verdict" in said:
            set_verdict(
                executions[case.pk],
                said["verdict"],
                by=by,
                note=said.get("note", ""),
                actual_result=said.get("actual", ""),
            )
    return run


def stories() -> list[dict[str, Any]]:
    return read("runs")["run"]
