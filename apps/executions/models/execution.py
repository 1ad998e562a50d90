from django.db import models
from django.db.models import Case as Choose
from django.db.models import F, Q, When
from django.db.models.functions import UUID7
from django.urls import reverse

from apps.cases.models import Case
from apps.projects.constraints import SameProject
from apps.projects.models import (
    Project,
    ProjectScopedManager,
    ProjectScopedQuerySet,
    authored,
)
from apps.projects.titles import in_row
from apps.runs.models import Run

from .imports import Import
from .verdicts import KNOWN_VERDICTS, Verdict

INLINE_TEXT = 64 * 1024
"""Bytes of a message, trace or output kept in the row; the whole is an Artifact beyond that."""


class ExecutionQuerySet(ProjectScopedQuerySet):
    def failing(self):
        return self.filter(status__in=["failed", "error"])

    def pending(self):
        return self.filter(status__in=["queued", "running", "aborted"])

    def changed_after(self, since, after=None):
        """Those of one run past `since` in the order of (seq, id); `after` is an id at `since`."""
        higher = Q(seq__gt=since)
        if after is not None:
            higher |= Q(seq=since, id__gt=after)
        return self.filter(higher).select_related("case").order_by("seq", "id")


class Execution(models.Model):
    """One case, in one variant of its parameters, within a run.

    The table is partitioned by the month its run was born in; its primary key there is (run, id).
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        ABORTED = "aborted", "Aborted"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        ABORTED = "aborted", "Aborted"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        ERROR = "error", "Error"
        SKIPPED = "skipped", "Skipped"
        BLOCKED = "blocked", "Blocked"

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="executions",
        editable=False,
    )
    run = models.ForeignKey(
        Run,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="executions",
        editable=False,
    )
    case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="executions",
        editable=False,
    )
    case_version = models.PositiveIntegerField(
        default=1, editable=False, help_text="The number of the case's version that ran."
    )
    variant = models.BinaryField(
        max_length=36,
        default=b"",
        editable=False,
        help_text="SHA-256 of bracket, parameters and configuration; then the instance from 2 on.",
    )
    variant_label = models.TextField(blank=True, editable=False)
    instance = models.PositiveIntegerField(default=1, editable=False)
    title = models.TextField(editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED, editable=False)
    verdict = models.CharField(
        max_length=7, choices=Verdict, default=Verdict.UNKNOWN, editable=False
    )
    status = models.GeneratedField(
        expression=Choose(When(state="finished", then=F("verdict")), default=F("state")),
        output_field=models.CharField(max_length=8, choices=Status),
        db_persist=True,
    )
    flaky = models.BooleanField(
        default=False, editable=False, help_text="Passed after an earlier try had failed."
    )
    new_failure = models.BooleanField(default=False, editable=False)
    first_seen = models.BooleanField(
        default=False, editable=False, help_text="Fails newly because it was never seen before."
    )
    attempt = models.PositiveIntegerField(
        default=1, editable=False, help_text="The number of the try that counts."
    )
    tries = models.PositiveIntegerField(default=1, editable=False)
    shard = models.PositiveSmallIntegerField(null=True, editable=False)
    duration_ms = models.PositiveBigIntegerField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    message = models.TextField(blank=True, editable=False)
    trace = models.TextField(blank=True, editable=False)
    output = models.TextField(blank=True, editable=False)
    parameters = models.JSONField(default=dict, editable=False)
    properties = models.JSONField(default=dict, editable=False)
    planned = models.BooleanField(
        default=False,
        editable=False,
        help_text="Waited in the run for its first result; goes back there when that is undone.",
    )
    actual_result = models.TextField(blank=True)
    note = models.TextField(blank=True)
    executed_by = authored()
    source = models.ForeignKey(
        Import,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        db_constraint=False,
        db_index=False,
        related_name="executions",
        help_text="The import that gave the verdict.",
    )
    seq = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="The run's seq at the last change."
    )

    objects = ProjectScopedManager.from_queryset(ExecutionQuerySet)()

    class Meta:
        ordering = ["id"]
        constraints = [
            SameProject(field="run", name="executions_execution_run_project"),
            SameProject(field="case", name="executions_execution_case_project"),
            SameProject(field="source", name="executions_execution_source_project"),
            models.UniqueConstraint(
                fields=["run", "case", "variant"], name="executions_execution_variant"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "finished", "aborted"]),
                name="executions_execution_state",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["unknown", *KNOWN_VERDICTS]),
                name="executions_execution_verdict",
            ),
            models.CheckConstraint(
                condition=Q(state="finished") & ~Q(verdict="unknown")
                | ~Q(state="finished") & Q(verdict="unknown"),
                name="executions_execution_finished_is_known",
            ),
            models.CheckConstraint(
                condition=Q(flaky=False) | Q(verdict="passed"),
                name="executions_execution_flaky_passed",
            ),
            models.CheckConstraint(
                condition=Q(new_failure=False) | Q(verdict__in=["failed", "error"]),
                name="executions_execution_new_failure_failed",
            ),
            models.CheckConstraint(
                condition=Q(first_seen=False) | Q(new_failure=True),
                name="executions_execution_first_seen_new",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None)
                | Q(finished_at=None)
                | Q(finished_at__gte=F("started_at")),
                name="executions_execution_finished_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="executions_execution_id"),
            models.Index(fields=["run", "status", "id"], name="executions_execution_status"),
            models.Index(fields=["run", "seq", "id"], name="executions_execution_seq"),
            models.Index(fields=["case", "-run", "-id"], name="executions_execution_case"),
            # Which cases may have such a last result; of the common pass nothing is written.
            models.Index(
                fields=["project", "verdict", "case"],
                condition=Q(verdict__in=["failed", "error", "skipped", "blocked"]),
                name="executions_execution_uncommon",
            ),
            models.Index(
                fields=["project", "case"],
                condition=Q(flaky=True),
                name="executions_execution_flaky",
            ),
        ]

    def __str__(self):
        return f"{in_row(self.title)} {in_row(self.variant_label)}".strip()

    def get_absolute_url(self):
        return reverse(
            "runs:detail", args=[self.project.key, self.run.number], query={"x": self.pk}
        )
