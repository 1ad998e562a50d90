from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import MD5
from django.urls import reverse
from django.utils import timezone

from apps.projects.constraints import SameProject
from apps.projects.models import ProjectScopedModel
from apps.projects.titles import in_row

from .people import responsible


class Suite(ProjectScopedModel):
    """A node of the project's tree of cases."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="children",
    )
    name = models.CharField(max_length=1000)
    path = models.TextField(editable=False, help_text="Names from the top, joined by “ / ”.")
    description = models.TextField(blank=True)
    owner = responsible()
    position = models.PositiveIntegerField(default=0, help_text="Its place among its siblings.")
    execution_order = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="Suites with a lower number run first; those with the same one in any order.",
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        "time limit",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(10, "A time limit is at least 10 seconds."),
            MaxValueValidator(300, "A time limit is at most 300 seconds."),
        ],
        help_text="Seconds for one test, from 10 to 300; empty leaves it to the runner.",
    )
    parallel_safe = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Whether its tests may run at the same time as others.",
    )
    prerequisites = models.TextField(
        blank=True, db_default="", help_text="What has to be there before its tests run."
    )
    archived_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["position", "name", "id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="parent", name="cases_suite_parent_project"),
            # The parent first: beside (project, id) no other index shall suit the checks of keys
            # that lead here, or a table without statistics is read whole for each.
            models.UniqueConstraint(
                "parent",
                "project",
                MD5("name"),
                nulls_distinct=False,
                name="cases_suite_name",
                violation_error_message="There is a suite of this name here already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="cases_suite_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=models.Q(timeout_seconds=None)
                | models.Q(timeout_seconds__gte=10, timeout_seconds__lte=300),
                name="cases_suite_timeout",
                violation_error_message="A time limit is from 10 to 300 seconds.",
            ),
        ]

    def __str__(self):
        return in_row(self.path)

    def get_absolute_url(self):
        return reverse("cases:list", args=[self.project.key], query={"suite": self.id})

    @property
    def is_archived(self):
        return self.archived_at is not None
