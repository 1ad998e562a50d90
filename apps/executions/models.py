import uuid

from django.db import models
from django.db.models import Case as Choose
from django.db.models import F, Q, When
from django.db.models.functions import UUID7
from django.urls import reverse
from django.utils import timezone

from apps.artifacts.models import link_to_artifact
from apps.cases.models import Case
from apps.projects.constraints import SameProject, SameRun
from apps.projects.models import (
    Project,
    ProjectScopedManager,
    ProjectScopedModel,
    ProjectScopedQuerySet,
    authored,
)
from apps.runs.models import Run

INLINE_TEXT = 64 * 1024
"""Bytes of a message, trace or output kept in the row; the whole is an Artifact beyond that."""


class Verdict(models.TextChoices):
    UNKNOWN = "unknown", "Unknown"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    ERROR = "error", "Error"
    SKIPPED = "skipped", "Skipped"
    BLOCKED = "blocked", "Blocked"


KNOWN_VERDICTS = ["passed", "failed", "error", "skipped", "blocked"]


def waiting_name(import_, filename):
    """Uploads wait for their job under random names."""
    return f"imports/{import_.project_id}/{uuid.uuid4().hex}"


class Import(ProjectScopedModel):
    """An upload or a batch, and its receipt."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be read"
        READING = "reading", "Being read"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    class Source(models.TextChoices):
        FILE = "file", "File"
        BATCH = "batch", "Batch"

    run = models.ForeignKey(
        Run,
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        db_constraint=False,
        related_name="imports",
    )
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED, editable=False)
    source = models.CharField(max_length=5, choices=Source, default=Source.FILE, editable=False)
    filename = models.CharField(max_length=255, editable=False)
    upload = models.FileField(
        upload_to=waiting_name,
        max_length=120,
        blank=True,
        editable=False,
        help_text="Kept until a job has read it.",
    )
    sha256 = models.BinaryField(max_length=32, editable=False)
    idempotency_key = models.CharField(max_length=255, blank=True, editable=False)
    fields = models.JSONField(
        default=dict, editable=False, help_text="What was sent beside the file."
    )
    fields_sha256 = models.BinaryField(max_length=32, editable=False)
    shard_index = models.PositiveSmallIntegerField(null=True, editable=False)
    shard_total = models.PositiveSmallIntegerField(null=True, editable=False)
    made_run = models.BooleanField(default=False, editable=False)
    bytes_read = models.PositiveBigIntegerField(default=0, editable=False)
    bytes_total = models.PositiveBigIntegerField(default=0, editable=False)
    received = models.PositiveIntegerField(default=0, editable=False)
    stored = models.PositiveIntegerField(default=0, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    repeated = models.PositiveIntegerField(default=0, editable=False)
    refused_count = models.PositiveIntegerField(default=0, editable=False)
    matched = models.PositiveIntegerField(default=0, editable=False)
    created_cases = models.PositiveIntegerField(default=0, editable=False)
    ambiguous = models.PositiveIntegerField(default=0, editable=False)
    distinct_tests = models.PositiveIntegerField(default=0, editable=False)
    new_failures = models.PositiveIntegerField(default=0, editable=False)
    repaired = models.PositiveIntegerField(default=0, editable=False)
    refused = models.JSONField(
        default=list, editable=False, help_text="What was not stored: index or line, and reason."
    )
    warnings = models.JSONField(default=list, editable=False)
    reason = models.TextField(blank=True, editable=False, help_text="Why the whole was refused.")
    duration_ms = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Sum of the tests' time."
    )
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="run", name="executions_import_run_project"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "reading", "done", "refused"]),
                name="executions_import_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    received=F("stored") + F("attempts") + F("repeated") + F("refused_count")
                ),
                name="executions_import_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(distinct_tests=F("matched") + F("created_cases") + F("ambiguous")),
                name="executions_import_tests_add_up",
            ),
            models.CheckConstraint(
                condition=Q(state="done", run__isnull=False) | ~Q(state="done"),
                name="executions_import_done_has_run",
            ),
            models.CheckConstraint(
                condition=Q(shard_index=None, shard_total=None)
                | Q(
                    shard_index__gte=1,
                    shard_total__isnull=False,
                    shard_index__lte=F("shard_total"),
                ),
                name="executions_import_shard",
            ),
            models.UniqueConstraint(
                fields=["project", "run", "source", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="executions_import_idempotency",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "sha256"], name="executions_import_sha256"),
            models.Index(fields=["run", "id"], name="executions_import_run"),
        ]

    def __str__(self):
        return self.filename or f"{self.received} results"

    def get_absolute_url(self):
        return reverse("executions:receipt", args=[self.project.key, self.pk])


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
        ]

    def __str__(self):
        return f"{self.title} {self.variant_label}".strip()

    def get_absolute_url(self):
        return reverse(
            "runs:detail", args=[self.project.key, self.run.number], query={"x": self.pk}
        )


class HangsFromExecution(ProjectScopedModel):
    """A row of an execution: it carries the run too, and is held by both keys."""

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
