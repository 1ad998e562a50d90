from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import UUID7
from django.urls import reverse
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from guardian.shortcuts import get_objects_for_user

from apps.accounts.models import TrailRow

from .permissions import archived_sentence
from .refusals import Refused

KEY_PATTERN = r"[A-Z][A-Z0-9]{1,9}"


class ProjectQuerySet(models.QuerySet):
    def visible_to(self, user):
        return get_objects_for_user(
            user,
            "projects.view_project",
            self.filter(deleted_at=None),
            accept_global_perms=False,
            with_superuser=False,
        )

    def with_role_of(self, user):
        """Adds `role`: what this person is in the project, or None."""
        mine = models.FilteredRelation("memberships", condition=models.Q(memberships__user=user))
        return self.annotate(mine=mine, role=models.F("mine__role"))


class ProjectManager(models.Manager.from_queryset(ProjectQuerySet)):
    def get_queryset(self):
        return super().get_queryset().fetch_mode(models.FETCH_PEERS)


class Project(models.Model):
    """The tenant: everything a team owns hangs from its project."""

    class Repeats(models.TextChoices):
        INSTANCES = "instances", "Further instances"
        TRIES = "tries", "Tries of the same test"

    key = models.CharField(
        max_length=10,
        unique=True,
        validators=[
            RegexValidator(
                rf"^{KEY_PATTERN}\Z",
                "A key has 2 to 10 capital letters or digits and begins with a letter, e.g. WEB.",
            )
        ],
        help_text="Short and lasting: cases are numbered with it, e.g. WEB-12.",
    )
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    default_branch = models.CharField(
        max_length=255,
        default="main",
        help_text="New failures on a branch without history are judged by this one.",
    )
    repeats = models.CharField(
        "the same test twice in a run",
        max_length=9,
        choices=Repeats,
        default=Repeats.INSTANCES,
        help_text="What a repeated result means where the result file does not say.",
    )
    last_case_number = models.PositiveIntegerField(default=0, editable=False)
    last_run_number = models.PositiveIntegerField(default=0, editable=False)
    last_report_number = models.PositiveIntegerField(default=0, editable=False)
    second_factor = models.BooleanField(
        "require a second factor",
        default=False,
        help_text="Members without one see nothing of the project until they have set one up.",
    )
    review_required = models.BooleanField(
        "review cases before they are ready",
        default=False,
        help_text="A case becomes ready only when somebody else than its author approves it.",
    )
    review_again = models.BooleanField(
        "review changes of ready cases",
        default=False,
        help_text="A change to a ready case sends it back to review.",
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Nobody sees it from then on; a job removes what it holds.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectManager()

    class Meta:
        ordering = ["key"]
        default_permissions = ["view"]
        permissions = [
            ("edit_cases", "Can edit cases"),
            ("review_cases", "Can review cases"),
            ("run_tests", "Can run tests"),
            ("manage_runs", "Can manage runs"),
            ("manage_members", "Can manage members"),
            ("manage_project", "Can manage the project"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(key__regex=rf"^{KEY_PATTERN}$"), name="projects_project_key"
            ),
            models.CheckConstraint(
                condition=models.Q(repeats__in=["instances", "tries"]),
                name="projects_project_repeats",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("projects:overview", args=[self.key])

    @property
    def is_archived(self):
        return self.archived_at is not None

    def require_open(self):
        """For a job that began while the project could still be changed. Raises Refused."""
        if self.is_archived:
            raise Refused(archived_sentence(self), code="archived")


class ProjectUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Project, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        pass


class ProjectGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Project, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        pass


class ProjectScopedQuerySet(models.QuerySet):
    """The queryset that those of the apps extend."""


class ProjectScopedManager(models.Manager.from_queryset(ProjectScopedQuerySet)):
    """Relations are fetched for all rows of a query at once."""

    def get_queryset(self):
        return super().get_queryset().fetch_mode(models.FETCH_PEERS)


def owned(*, held_by_parent=False, related_name="%(class)ss"):
    """The project of a row, found by the unique key (project, id) that every such table has.

    A row that always hangs from another one of the project is held by that composite key alone.
    """
    return models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name=related_name,
        editable=False,
        db_index=False,
        db_constraint=not held_by_parent,
    )


class ProjectScopedModel(models.Model):
    """A row owned by one project and reached from it: project.runs, project.cases."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    project = owned()

    objects = ProjectScopedManager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["project", "id"], name="%(app_label)s_%(class)s_project_id"
            ),
        ]


def authored():
    """Who made a row; evidence outlives a membership, so a person with rows is never deleted.

    Nobody asks for all rows of one person, so there is no index.
    """
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )


class Environment(ProjectScopedModel):
    """Where tests run: dev, staging, prod, local, ci, and what the project adds."""

    DEFAULTS = ["dev", "staging", "prod", "local", "ci"]
    SYNONYMS = {"production": "prod"}

    name = models.CharField(
        max_length=60,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9._-]*\Z",
                "A name has lower-case letters, digits, dots, dashes and underscores.",
            )
        ],
    )

    class Meta(ProjectScopedModel.Meta):
        ordering = ["name"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "name"],
                name="projects_environment_name",
                violation_error_message="The project has an environment of this name already.",
            ),
        ]

    def __str__(self):
        return self.name


class Activity(ProjectScopedModel, TrailRow):
    """The audit trail of the project; rows go only with the project itself."""

    project = owned(related_name="activity")

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        verbose_name_plural = "activity"
        indexes = [
            models.Index(fields=["project", "who", "id"], name="projects_activity_who"),
            models.Index(fields=["project", "verb", "id"], name="projects_activity_verb"),
            models.Index(fields=["project", "object_id", "id"], name="projects_activity_object"),
        ]

    def __str__(self):
        return TrailRow.__str__(self)
