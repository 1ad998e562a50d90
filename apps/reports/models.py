from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.artifacts.models import link_to_artifact
from apps.projects.constraints import SameProject
from apps.projects.models import (
    ProjectScopedManager,
    ProjectScopedModel,
    ProjectScopedQuerySet,
    authored,
)
from apps.runs.models import Run


class ReportQuerySet(ProjectScopedQuerySet):
    def for_list(self):
        """Without the content, which can be long."""
        return self.select_related("created_by").defer("content").order_by("-id")


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

    objects = ProjectScopedManager.from_queryset(ReportQuerySet)()

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

    @property
    def failing(self):
        return self.content["results"]["failed"] + self.content["results"]["error"]

    @property
    def status(self):
        """That of the run; several are judged by their figures together, as one run would be."""
        if len(self.content["runs"]) == 1:
            return self.content["runs"][0]["status"]
        if self.failing:
            return Run.Status.FAILED
        results = self.content["results"]
        spoilt = results["pending"] or results["blocked"] or not results["passed"]
        return Run.Status.PARTIAL if spoilt else Run.Status.PASSED

    @property
    def headline(self):
        """What happened, in one sentence."""
        results = self.content["results"]
        new = sum(run["new_failures"] for run in self.content["runs"])
        runs = len(self.content["runs"])
        if self.failing and runs > 1:
            failures = "failure" if self.failing == 1 else "failures"
            of_them = f"{new:,}" if new else "none"
            return f"{self.failing:,} {failures} in {runs:,} runs, {of_them} of them new"
        if self.failing:
            tests = "test fails" if self.failing == 1 else "tests fail"
            newly = f", {new:,} of them newly" if new else ", none of them newly"
            return f"{self.failing:,} {tests}{newly}"
        if not results["passed"]:
            return "Nothing passed or failed yet" if results["pending"] else "No test has passed"
        if results["pending"] or results["blocked"]:
            passed = f"passes in {runs:,} runs" if runs > 1 else "tests passed"
            return f"{results['passed']:,} {passed}, and not all have run"
        return "Every test that ran has passed"

    @property
    def started_at(self):
        return self._moment("started_at")

    @property
    def finished_at(self):
        return self._moment("finished_at")

    def _moment(self, name):
        """Of the report's only run."""
        return parse_datetime(self.content["runs"][0][name] or "")


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
