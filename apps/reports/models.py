from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from apps.artifacts.models import link_to_artifact
from apps.projects.constraints import SameProject
from apps.projects.models import ProjectScopedModel, authored
from apps.runs.models import Run


class Report(ProjectScopedModel):
    """A stored summary of a run or of a range of runs, which can be made again."""

    class Detail(models.TextChoices):
        SUMMARY = "summary", "Summary"
        DETAILED = "detailed", "With every execution"

    number = models.PositiveIntegerField(editable=False)
    title = models.CharField(max_length=255)
    detail = models.CharField(max_length=8, choices=Detail, default=Detail.SUMMARY)
    first_run = models.ForeignKey(
        Run,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        db_constraint=False,
        related_name="reports_from",
    )
    last_run = models.ForeignKey(
        Run,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        db_constraint=False,
        related_name="reports_to",
    )
    first_number = models.PositiveIntegerField(editable=False)
    last_number = models.PositiveIntegerField(editable=False)
    content = models.JSONField(editable=False)
    seqs = models.JSONField(
        default=dict, editable=False, help_text="The seq of each run when it was made."
    )
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="first_run", name="reports_report_first_run_project"),
            SameProject(field="last_run", name="reports_report_last_run_project"),
            models.UniqueConstraint(fields=["project", "number"], name="reports_report_number"),
            models.CheckConstraint(
                condition=Q(detail__in=["summary", "detailed"]), name="reports_report_detail"
            ),
            models.CheckConstraint(
                condition=Q(first_number__lte=F("last_number")), name="reports_report_range"
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("reports:detail", args=[self.project.key, self.number])


class ReportArtifact(ProjectScopedModel):
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, db_constraint=False, related_name="files"
    )
    artifact = link_to_artifact()

    class Meta(ProjectScopedModel.Meta):
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="report", name="reports_reportartifact_report_project"),
            SameProject(field="artifact", name="reports_reportartifact_artifact_project"),
        ]

    def __str__(self):
        return str(self.artifact)
