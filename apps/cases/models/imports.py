import uuid

from django.db import models
from django.db.models.functions import MD5
from django.urls import reverse
from django.utils import timezone

from apps.projects.constraints import SameProject
from apps.projects.models import ProjectScopedModel, authored, owned

from .cases import Case


def waiting_name(arrival, filename):
    """Uploads lie under random names until they are read; the given name is only shown."""
    return f"case-imports/{arrival.project_id}/{uuid.uuid4().hex}"


class CaseImport(ProjectScopedModel):
    """A file of cases: uploaded, mapped, tried without storing anything, then taken in by a job."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Waits for its mapping"
        QUEUED = "queued", "Waits to be read"
        READING = "reading", "Being read"
        CHECKED = "checked", "Tried out"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    project = owned(related_name="case_imports")
    filename = models.CharField(max_length=255, editable=False)
    upload = models.FileField(upload_to=waiting_name, max_length=120, blank=True, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False, help_text="In bytes.")
    format = models.CharField(max_length=20, help_text="csv, xlsx, json, testrail_xml …")
    options = models.JSONField(
        default=dict, help_text="Encoding, delimiter, sheet: what the reader was told or found."
    )
    mapping = models.JSONField(default=dict, help_text="{column of the file: field of the case}.")
    is_dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.UPLOADED)
    rows_total = models.PositiveIntegerField(default=0, editable=False)
    rows_read = models.PositiveIntegerField(default=0, editable=False)
    created = models.PositiveIntegerField(default=0, editable=False)
    updated = models.PositiveIntegerField(default=0, editable=False)
    unchanged = models.PositiveIntegerField(default=0, editable=False)
    refused = models.PositiveIntegerField(default=0, editable=False)
    warnings = models.JSONField(default=list, editable=False)
    reason = models.TextField(blank=True, editable=False)
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["uploaded", "queued", "reading", "checked", "done", "refused"]
                ),
                name="cases_caseimport_state",
            ),
        ]

    def __str__(self):
        return self.filename

    def get_absolute_url(self):
        return reverse("cases:import", args=[self.project.key, self.pk])


class CaseImportRow(ProjectScopedModel):
    """The receipt of one row of the file: what became of it, and why."""

    class Outcome(models.TextChoices):
        CREATED = "created", "Created"
        UPDATED = "updated", "Updated"
        UNCHANGED = "unchanged", "Unchanged"
        REFUSED = "refused", "Refused"

    project = owned(held_by_parent=True)
    case_import = models.ForeignKey(
        CaseImport, on_delete=models.CASCADE, db_constraint=False, db_index=False,
        related_name="rows",
    )  # fmt: skip
    row = models.PositiveIntegerField(help_text="Its line or row in the file, from 1.")
    outcome = models.CharField(max_length=9, choices=Outcome)
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, null=True, db_constraint=False, related_name="import_rows"
    )
    title = models.TextField(blank=True)
    column = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["case_import", "row"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case_import", name="cases_caseimportrow_import_project"),
            SameProject(field="case", name="cases_caseimportrow_case_project"),
            models.UniqueConstraint(fields=["case_import", "row"], name="cases_caseimportrow_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["created", "updated", "unchanged", "refused"]),
                name="cases_caseimportrow_outcome",
            ),
        ]

    def __str__(self):
        return f"row {self.row}"


class CaseOrigin(ProjectScopedModel):
    """Where a case came from: what another tool calls it, by which the next import finds it."""

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, related_name="origins"
    )
    source = models.CharField(max_length=20, help_text="testrail, qase, csv …")
    external_id = models.TextField()

    class Meta(ProjectScopedModel.Meta):
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_caseorigin_case_project"),
            models.UniqueConstraint(
                "project", "source", MD5("external_id"), name="cases_caseorigin_once"
            ),
        ]

    def __str__(self):
        return f"{self.source} {self.external_id}"
