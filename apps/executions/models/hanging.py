from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.artifacts.models import link_to_artifact
from apps.projects.constraints import SameProject, SameRun
from apps.projects.models import ProjectScopedModel, authored, owned
from apps.runs.models import Run

from .execution import Execution
from .imports import Import
from .verdicts import KNOWN_VERDICTS, Verdict


class HangsFromExecution(ProjectScopedModel):
    """A row of an execution: it carries the run too, and is held by both keys."""

    project = owned(held_by_parent=True)
    run = models.ForeignKey(
        Run,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        editable=False,
        related_name="%(class)ss",
    )
    execution = models.ForeignKey(
        Execution,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        editable=False,
        related_name="%(class)ss",
    )

    class Meta(ProjectScopedModel.Meta):
        abstract = True
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="run", name="%(app_label)s_%(class)s_run_project"),
            SameRun(field="execution", name="%(app_label)s_%(class)s_execution_run"),
        ]
        indexes = [
            models.Index(fields=["run", "execution"], name="%(class)s_by_run"),
            models.Index(fields=["execution"], name="%(class)s_by_execution"),
        ]


class Attempt(HangsFromExecution):
    """An earlier try of an execution, kept when a later one replaced it."""

    number = models.PositiveIntegerField()
    verdict = models.CharField(max_length=7, choices=Verdict)
    duration_ms = models.PositiveBigIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    message = models.TextField(blank=True)
    trace = models.TextField(blank=True)
    output = models.TextField(blank=True)
    source = models.ForeignKey(
        Import,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        db_constraint=False,
        related_name="earlier_tries",
    )

    class Meta(HangsFromExecution.Meta):
        ordering = ["execution", "number", "id"]
        constraints = [
            *HangsFromExecution.Meta.constraints,
            SameProject(field="source", name="executions_attempt_source_project"),
            models.CheckConstraint(
                condition=Q(verdict__in=KNOWN_VERDICTS), name="executions_attempt_verdict"
            ),
        ]

    def __str__(self):
        return f"try {self.number}: {self.get_verdict_display().lower()}"


class Evaluation(HangsFromExecution):
    """Why an execution has its verdict: computed, or a reviewer's override. Never changed."""

    class Kind(models.TextChoices):
        COMPUTED = "computed", "Computed"
        OVERRIDE = "override", "Override"

    kind = models.CharField(max_length=8, choices=Kind)
    verdict = models.CharField(max_length=7, choices=Verdict)
    score = models.FloatField(null=True, blank=True, help_text="0 to 1.")
    reason = models.TextField(blank=True)
    note = models.TextField(blank=True)
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(HangsFromExecution.Meta):
        ordering = ["execution", "-id"]
        constraints = [
            *HangsFromExecution.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=["computed", "override"]), name="executions_evaluation_kind"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=KNOWN_VERDICTS), name="executions_evaluation_verdict"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=1),
                name="executions_evaluation_score",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.get_verdict_display().lower()}"


class ExecutionArtifact(HangsFromExecution):
    artifact = link_to_artifact()

    class Meta(HangsFromExecution.Meta):
        constraints = [
            *HangsFromExecution.Meta.constraints,
            SameProject(field="artifact", name="executions_executionartifact_artifact_project"),
        ]

    def __str__(self):
        return str(self.artifact)
