"""Results of a case, each in a run of its own, oldest first."""

from django.utils import timezone

from apps.runs.lifecycle import create_run
from tests.factories import owner_of


def make_results(case, verdicts, *, duration_ms=100, **fields):
    """Executions of the case in as many runs; returns them."""
    return [
        make_result(case, verdict, duration_ms=duration_ms + 10 * place, **fields)
        for place, verdict in enumerate(verdicts)
    ]


def make_result(case, verdict, **fields):
    project = case.project
    run = create_run(
        project,
        by=owner_of(project),
        name="Nightly",
        environment=project.environments.get(name="ci"),
        cases=[case],
    )
    run.executions.update(state="finished", verdict=verdict, finished_at=timezone.now(), **fields)
    return run.executions.get()
