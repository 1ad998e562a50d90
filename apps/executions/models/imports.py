import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from apps.projects.constraints import SameProject
from apps.projects.models import ProjectScopedModel, authored
from apps.runs.models import Run


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
    suite_errors = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Errors of suites that belong to no test; they keep the run from passing.",
    )
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
