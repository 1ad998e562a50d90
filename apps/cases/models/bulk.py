from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.projects.constraints import SameProject
from apps.projects.models import Project, ProjectScopedModel, authored, owned

from .cases import Case

UNDO_FOR = timedelta(minutes=10)


class BulkChange(ProjectScopedModel):
    """One change of many cases at once, its progress, and what it takes to undo it."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        UNDONE = "undone", "Undone"

    project = owned(related_name="bulk_changes")
    verb = models.CharField(max_length=20, help_text="set, move, tag, copy, archive …")
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Cases looked at, changed or not.")
    changed = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True, help_text="Why it was refused, or what was passed over.")
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(
        null=True, editable=False, help_text="When undoing it was asked for."
    )
    undone_by = authored()
    selected = ArrayField(
        models.UUIDField(),
        default=list,
        editable=False,
        help_text="Keys of the cases, in order: those after the first `done` are still to do.",
    )

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "done", "refused", "undone"]),
                name="cases_bulkchange_state",
            ),
        ]

    def __str__(self):
        return f"{self.said}: {self.total:,} {'case' if self.total == 1 else 'cases'}"

    def get_absolute_url(self):
        return reverse("cases:change", args=[self.project.key, self.pk])

    @property
    def said(self):
        """“Tagged smoke”: what was asked for, as versions note it."""
        return self.arguments.get("said") or "Copied the cases of a suite"

    @property
    def copied_to(self):
        """The project that the copies are in; None where nothing was copied, or it is gone."""
        found = Project.objects.filter(pk=self.arguments.get("copy_to"), deleted_at=None)
        return found.first() if self.arguments.get("copy_to") else None

    @property
    def is_under_way(self):
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def is_being_undone(self):
        return self.undone_at is not None and self.state == self.State.RUNNING

    @property
    def to_look_at(self):
        """How many cases `done` counts up to."""
        return self.changed if self.is_being_undone else self.total

    @property
    def is_of_suite(self):
        """A copied suite is told of on a page of its own, and taken back as a suite."""
        return "said" not in self.arguments

    @property
    def undo_until(self):
        """The end of the time in which it can be undone; None where there is nothing to undo."""
        if self.is_under_way or self.undone_at or not self.changed or not self.finished_at:
            return None
        if self.is_of_suite:
            return None
        return self.finished_at + UNDO_FOR

    @property
    def can_be_undone(self):
        return self.undo_until is not None and timezone.now() < self.undo_until


class BulkItem(ProjectScopedModel):
    """A case within a bulk change: what it said before, and the version that the change made."""

    class Outcome(models.TextChoices):
        CHANGED = "changed", "changed"
        SAME = "same", "so already"
        ARCHIVED = "archived", "archived"
        REVIEW = "review", "ready only by a review"
        SUITE = "suite", "in an archived suite"
        FULL = "full", "would have too many tags"
        LONG = "long", "would have too many steps"
        UNDONE = "undone", "put back"
        CHANGED_SINCE = "changed_since", "changed since"
        ARCHIVED_SINCE = "archived_since", "archived or restored since"
        GONE = "gone", "the former suite or the copy is gone"
        USED = "used", "the copy has results"

    project = owned(held_by_parent=True)
    change = models.ForeignKey(
        BulkChange,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="items",
    )
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, related_name="bulk_items"
    )
    before = models.JSONField(
        null=True,
        help_text="{column: what it held} of what changed; {copy, files: ids} of a copied case.",
    )
    version = models.PositiveIntegerField(null=True, help_text="None where it made none.")
    outcome = models.CharField(max_length=14, choices=Outcome, default=Outcome.CHANGED)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["change", "case"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="change", name="cases_bulkitem_change_project"),
            SameProject(field="case", name="cases_bulkitem_case_project"),
            models.UniqueConstraint(fields=["change", "case"], name="cases_bulkitem_once"),
            models.CheckConstraint(
                condition=models.Q(
                    outcome__in=[
                        "changed",
                        "same",
                        "archived",
                        "review",
                        "suite",
                        "full",
                        "long",
                        "undone",
                        "changed_since",
                        "archived_since",
                        "gone",
                        "used",
                    ]
                ),
                name="cases_bulkitem_outcome",
            ),
        ]

    def __str__(self):
        return f"{self.case_id} in {self.change_id}"

    @property
    def own_version(self) -> int | None:
        """The version that the change made or, once it is undone, its undoing; None for none."""
        if self.version is None or "archived_at" in (self.before or {}):
            return None
        return self.version + (self.outcome == self.Outcome.UNDONE)
