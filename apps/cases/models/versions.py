from django.db import models
from django.utils import timezone

from apps.projects.constraints import SameProject
from apps.projects.models import ProjectScopedModel, authored, owned

from .cases import Case


class CaseVersion(ProjectScopedModel):
    """What a case said after one saved change; `content` holds its fields, tags and steps."""

    project = owned(held_by_parent=True)
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="versions"
    )
    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = models.TextField(
        blank=True, db_default="", help_text="Whence it came: “Copied from OPS-12”, and the like."
    )
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["case", "-number"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_caseversion_case_project"),
            models.UniqueConstraint(fields=["case", "number"], name="cases_caseversion_number"),
        ]

    def __str__(self):
        return f"version {self.number}"
