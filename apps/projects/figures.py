"""The figures of a project's overview, all from counters that the runs keep."""

from django.urls import reverse

TREND = 20
"""Finished runs in the trend."""

LAST = 5
"""Finished runs whose new failures are shown as what broke."""


def trend_runs(project):
    """The last finished runs on the default branch, oldest first; of any where it has none."""
    finished = project.runs.completed().order_by("-id")
    on_default = list(finished.filter(branch=project.default_branch)[:TREND])
    return reversed(on_default or list(finished[:TREND]))


def broken(project, runs):
    """Executions that failed newly in these runs, newest run first."""
    return (
        project.executions.failing()
        .filter(run__in=[run.pk for run in runs], new_failure=True)
        .select_related("case", "run")
        .order_by("-run_id", "id")
    )


def kpis(project, last_runs, finished):
    """What the head of the overview shows: {"label", "value", "note", "status", "url", "spark"}."""
    found = [
        {
            "label": "Cases",
            "value": project.cases.active().count(),
            "url": address(project, "cases"),
        },
        {
            "label": "Runs under way",
            "value": project.runs.unfinished().count(),
            "status": "running",
            "url": address(project, "runs"),
        },
    ]
    if not last_runs:
        return found
    last = last_runs[0]
    failing = [run.failed + run.error for run in finished]
    return [
        {
            "label": "Failing",
            "value": last.failed + last.error,
            "status": "failed",
            "url": last.get_absolute_url(),
            "note": f"of {last.total:,} in run #{last.number}",
            "spark": failing[-10:],
        },
        {"label": "Failed newly", "value": last.new_failures, "status": "failed"},
        {"label": "Flaky", "value": last.flaky, "status": "flaky"},
        *found,
    ]


def address(project, name):
    return reverse(f"{name}:list", args=[project.key])
