from django.db import models
from django.utils import timezone

from apps.projects.constraints import SameProject
from apps.projects.models import ProjectScopedModel, authored, owned

from .cases import Case


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
    undone_at = models.DateTimeField(null=True, editable=False)

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
        return f"{self.verb} of {self.total:,} cases"


class BulkItem(ProjectScopedModel):
    """A case within a bulk change: what it said before, and the version that the change made."""

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
    before = models.JSONField(null=True)
    version = models.PositiveIntegerField(null=True, help_text="None until it was changed.")

    class Meta(ProjectScopedModel.Meta):
        ordering = ["change", "case"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="change", name="cases_bulkitem_change_project"),
            SameProject(field="case", name="cases_bulkitem_case_project"),
            models.UniqueConstraint(fields=["change", "case"], name="cases_bulkitem_once"),
        ]

    def __str__(self):
        return f"{self.case_id} in {self.change_id}"
