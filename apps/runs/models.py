from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from apps.accounts.fields import LowercaseEmailField
from apps.artifacts.models import link_to_artifact
from apps.cases.models import Suite
from apps.projects.constraints import SameProject
from apps.projects.models import (
    Environment,
    ProjectScopedManager,
    ProjectScopedModel,
    ProjectScopedQuerySet,
    authored,
)
from apps.projects.refusals import TransitionRefused

COUNTED = ["passed", "failed", "error", "skipped", "blocked", "pending"]


class RunQuerySet(ProjectScopedQuerySet):
    def for_list(self):
        return self.select_related("environment", "suite").order_by("-id")

    def unfinished(self):
        return self.filter(state__in=[Run.State.CREATED, Run.State.RUNNING])

    def completed(self):
        return self.filter(state=Run.State.COMPLETED)


class Run(ProjectScopedModel):
    """One execution event over cases, numbered within the project: #45."""

    class Kind(models.TextChoices):
        MANUAL = "manual", "Manual"
        AUTOMATED = "automated", "Automated"

    class State(models.TextChoices):
        CREATED = "created", "Created"
        RUNNING = "running", "Running"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"
        ABORTED = "aborted", "Aborted"

    class Verdict(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        PARTIAL = "partial", "Partial"

    class Status(models.TextChoices):
        CREATED = "created", "Created"
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        PARTIAL = "partial", "Partial"
        CANCELLED = "cancelled", "Cancelled"
        ERROR = "error", "Aborted"

    UNFINISHED = (State.CREATED, State.RUNNING)

    number = models.PositiveIntegerField(editable=False)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.AUTOMATED)
    state = models.CharField(max_length=9, choices=State, default=State.CREATED, editable=False)
    verdict = models.CharField(
        max_length=7, choices=Verdict, default=Verdict.UNKNOWN, editable=False
    )
    status = models.GeneratedField(
        expression=Case(
            When(state="completed", then=F("verdict")),
            When(state="aborted", then=Value("error")),
            default=F("state"),
        ),
        output_field=models.CharField(max_length=9, choices=Status),
        db_persist=True,
    )
    suite = models.ForeignKey(
        Suite,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="runs",
    )
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, db_constraint=False, related_name="runs"
    )
    triggered_by = models.CharField(
        max_length=255, editable=False, help_text="The person or system that began it."
    )
    created_by = authored()
    run_key = models.CharField(max_length=255, blank=True)
    branch = models.CharField(max_length=255, blank=True)
    commit = models.CharField(max_length=255, blank=True)
    ci_url = models.URLField("link to the CI job", max_length=2000, blank=True)
    configuration = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    shards = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="How many CI shards were announced."
    )

    total = models.PositiveIntegerField(default=0, editable=False)
    passed = models.PositiveIntegerField(default=0, editable=False)
    failed = models.PositiveIntegerField(default=0, editable=False)
    error = models.PositiveIntegerField(default=0, editable=False)
    skipped = models.PositiveIntegerField(default=0, editable=False)
    blocked = models.PositiveIntegerField(default=0, editable=False)
    pending = models.PositiveIntegerField(
        default=0, editable=False, help_text="Queued, running and aborted."
    )
    flaky = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counted in passed as well."
    )
    new_failures = models.PositiveIntegerField(default=0, editable=False)
    seq = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Raised by each change, in its transaction."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    duration_ms = models.PositiveBigIntegerField(
        null=True,
        editable=False,
        help_text="From start to finish; for a run made of result files the time of its tests.",
    )

    objects = ProjectScopedManager.from_queryset(RunQuerySet)()

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="suite", name="runs_run_suite_project"),
            SameProject(field="environment", name="runs_run_environment_project"),
            models.UniqueConstraint(fields=["project", "number"], name="runs_run_number"),
            models.CheckConstraint(
                condition=Q(state__in=["created", "running", "completed", "cancelled", "aborted"]),
                name="runs_run_state",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["unknown", "passed", "failed", "partial"]),
                name="runs_run_verdict",
            ),
            models.CheckConstraint(
                condition=Q(state="completed") & ~Q(verdict="unknown")
                | ~Q(state="completed") & Q(verdict="unknown"),
                name="runs_run_completed_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    total=F("passed")
                    + F("failed")
                    + F("error")
                    + F("skipped")
                    + F("blocked")
                    + F("pending")
                ),
                name="runs_run_total_is_the_sum",
            ),
            models.CheckConstraint(
                condition=Q(flaky__lte=F("passed")), name="runs_run_flaky_passed"
            ),
            models.CheckConstraint(
                condition=Q(new_failures__lte=F("failed") + F("error")),
                name="runs_run_new_failures_failed",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["completed", "cancelled", "aborted"], finished_at__isnull=False
                )
                | Q(state__in=["created", "running"], finished_at=None),
                name="runs_run_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(state="created", started_at=None)
                | Q(state__in=["running", "completed"], started_at__isnull=False)
                | Q(state__in=["cancelled", "aborted"]),
                name="runs_run_started_at",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None)
                | Q(finished_at=None)
                | Q(finished_at__gte=F("started_at")),
                name="runs_run_finished_after_start",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["manual", "automated"]), name="runs_run_kind"
            ),
            models.CheckConstraint(condition=~Q(shards=0), name="runs_run_shards"),
        ]
        indexes = [
            models.Index(fields=["project", "status", "id"], name="runs_run_status"),
            models.Index(fields=["project", "environment", "id"], name="runs_run_environment"),
            models.Index(
                fields=["project", "environment", "branch", "finished_at"],
                name="runs_run_finished",
            ),
            models.Index(fields=["project", "suite", "id"], name="runs_run_suite"),
            models.Index(fields=["project", "run_key"], name="runs_run_key"),
        ]

    def __str__(self):
        return f"#{self.number} {self.name}"

    def get_absolute_url(self):
        return reverse("runs:detail", args=[self.project.key, self.number])

    @property
    def is_finished(self):
        return self.state not in self.UNFINISHED

    @property
    def counts(self):
        """{"total": n, "passed": n, … "flaky": n}"""
        return {name: getattr(self, name) for name in ["total", *COUNTED, "flaky"]}

    @property
    def done(self):
        return self.total - self.pending

    def require(self, *states):
        if self.state not in states:
            wanted = " or ".join(str(self.State(state).label).lower() for state in states)
            raise TransitionRefused(
                f"Run #{self.number} is {self.get_state_display().lower()}; "
                f"this is possible only while it is {wanted}.",
                code="wrong_state",
                url=self.get_absolute_url(),
            )

    def verdict_from_counts(self, *, missing_shards=0, suite_errors=0):
        """What a completed run means: the section of states in docs/results.md tells it."""
        if self.failed + self.error > 0:
            return self.Verdict.FAILED
        unfinished = self.pending or self.blocked or missing_shards or suite_errors
        if unfinished or not self.passed:
            return self.Verdict.PARTIAL
        return self.Verdict.PASSED


class RunArtifact(ProjectScopedModel):
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, related_name="files"
    )
    artifact = link_to_artifact()

    class Meta(ProjectScopedModel.Meta):
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="run", name="runs_runartifact_run_project"),
            SameProject(field="artifact", name="runs_runartifact_artifact_project"),
        ]

    def __str__(self):
        return str(self.artifact)


class RunGuest(ProjectScopedModel):
    """Somebody outside the project who may see this one run, or execute it too.

    Named by an address; whether somebody has an account with it is told to nobody.
    """

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, related_name="guests"
    )
    email = LowercaseEmailField("e-mail address")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    may_execute = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = authored()

    class Meta(ProjectScopedModel.Meta):
        ordering = ["email"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "run", "email"],
                name="runs_runguest_email",
                violation_error_message="This address is a guest of the run already.",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="runs_runguest_email_lower"
            ),
            SameProject(field="run", name="runs_runguest_run_project"),
        ]

    def __str__(self):
        return self.email
