"""What a deleted run takes with it, and what it leaves."""

import pytest
from django.core.files.storage import default_storage

from apps.artifacts.lifecycle import hang_artifact
from apps.artifacts.models import Artifact
from apps.executions.lifecycle import set_verdict
from apps.executions.models import (
    Attempt,
    Evaluation,
    Execution,
    ExecutionArtifact,
    Import,
)
from apps.runs.lifecycle import delete_run, finish
from apps.runs.models import Run, RunArtifact
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import (
    make_artifact,
    make_case,
    make_report,
    make_run,
    send_results,
)
from tests.runs.counting import assert_counts

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def test_a_run_goes_with_all_that_hangs_from_it(project, owner):
    run, other = make_run(project), make_run(project)
    failed = {"name": "a", "status": "failed", "trace": "x" * 70_000}
    for results in [(failed, failed | {"attempt": 2}), ("b",)]:
        send_results(run, *results)
    send_results(other, failed)
    execution = run.executions.order_by("id").first()
    set_verdict(execution, "passed", by=owner)
    own, shared = make_artifact(project, b"own"), make_artifact(project, b"shared")
    hang_artifact(own, run, by=owner)
    hang_artifact(shared, execution, by=owner)
    hang_artifact(shared, make_case(project), by=owner)
    alone = make_artifact(project, b"alone")
    finish(run, by=owner)
    report = make_report(project, run)
    kept = {shared, alone, other.executionartifacts.get().artifact}
    gone = [artifact.file.name for artifact in Artifact.objects.all() if artifact not in kept]
    assert len(gone) == 3

    delete_run(run, by=owner)

    assert list(Run.objects.all()) == [other]
    for model in (Attempt, Evaluation, RunArtifact):
        assert not model.objects.exists()
    for model in (Execution, Import, ExecutionArtifact):
        assert [row.run for row in model.objects.all()] == [other]
    assert set(Artifact.objects.all()) == kept
    assert not any(default_storage.exists(name) for name in gone)
    assert all(default_storage.exists(artifact.file.name) for artifact in kept)
    report.refresh_from_db()
    assert (report.first_run, report.content["session_id"]) == (None, "WEB-1")
    assert project.cases.count() == 3
    assert_counts(other, failed=1)
