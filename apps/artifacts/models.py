import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.projects.models import (
    ProjectScopedManager,
    ProjectScopedModel,
    ProjectScopedQuerySet,
    authored,
)


def random_name(artifact, filename):
    """Files lie under random names; the given name is only shown."""
    return f"{artifact.project_id}/{uuid.uuid4().hex}"


class ArtifactQuerySet(ProjectScopedQuerySet):
    def visible_to(self, user):
        """Without what somebody else pasted into a text that is not saved yet."""
        return self.filter(models.Q(unsaved_by=None) | models.Q(unsaved_by=user))


class Artifact(ProjectScopedModel):
    """A stored file. What it hangs from is known by the link rows of the apps above."""

    file = models.FileField(upload_to=random_name, max_length=120, editable=False)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100, editable=False)
    size = models.PositiveBigIntegerField(editable=False, help_text="In bytes.")
    sha256 = models.BinaryField(max_length=32, editable=False)
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    unsaved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        help_text="Who alone sees it, until a text that names it is saved.",
    )

    objects = ProjectScopedManager.from_queryset(ArtifactQuerySet)()

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("artifacts:download", args=[self.project.key, self.pk])


def link_to_artifact():
    """The field by which a link row holds its artifact; pair it with SameProject."""
    return models.ForeignKey(
        Artifact, on_delete=models.PROTECT, db_constraint=False, related_name="%(class)ss"
    )
