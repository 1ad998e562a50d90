from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.projects.models import ProjectScopedModel, owned


class SavedFilter(ProjectScopedModel):
    """A query of cases under a name, for its maker alone or for the whole project."""

    project = owned(related_name="saved_filters")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField("shared with the project", default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "created_by", "name"],
                name="cases_savedfilter_name",
                violation_error_message="You have a filter of this name already.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        query = {"q": self.query} if self.query else None
        return reverse("cases:list", args=[self.project.key], query=query)
