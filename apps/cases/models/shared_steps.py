from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.projects.models import ProjectScopedModel, authored, owned
from apps.projects.titles import in_row


class SharedSteps(ProjectScopedModel):
    """Steps written once and used by many cases; each use is a CaseStep that points here."""

    project = owned(related_name="shared_steps")
    title = models.CharField(max_length=200)
    steps = models.JSONField(default=list, help_text="[{action, expected, data}] in order.")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["title"]
        verbose_name_plural = "shared steps"
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "title"],
                name="cases_sharedsteps_title",
                violation_error_message="The project has shared steps of this title already.",
            ),
        ]

    def __str__(self):
        return in_row(self.title)

    def get_absolute_url(self):
        return reverse("cases:shared_steps_detail", args=[self.project.key, self.id])
