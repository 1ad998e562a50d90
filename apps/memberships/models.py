import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.projects.models import (
    Project,
    ProjectScopedManager,
    ProjectScopedModel,
    ProjectScopedQuerySet,
)
from apps.projects.permissions import Role


class MembershipQuerySet(ProjectScopedQuerySet):
    def for_list(self):
        return self.select_related("user").order_by("user__email", "id")


class Membership(ProjectScopedModel):
    """A person in a project with a role; the role's group follows it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=8, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectScopedManager.from_queryset(MembershipQuerySet)()

    class Meta(ProjectScopedModel.Meta):
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "user"],
                name="memberships_membership_user",
                violation_error_message="This person is a member already.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="memberships_membership_role"
            ),
        ]

    def __str__(self):
        return f"{self.user} ({self.get_role_display()})"


class ApiTokenQuerySet(models.QuerySet):
    def usable(self):
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()), revoked_at=None
        )


class ApiTokenManager(models.Manager.from_queryset(ApiTokenQuerySet)):
    def get_queryset(self):
        return super().get_queryset().fetch_mode(models.FETCH_PEERS)


class ApiToken(models.Model):
    """A person's key for scripts, kept as a hash; confined to a project and role if it names them.

    It belongs to the person, not to the project: what it opens is asked of the door each time.
    """

    PREFIX = "tqa_"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens", editable=False
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="tokens",
        null=True,
        blank=True,
        editable=False,
    )
    role = models.CharField(max_length=8, choices=Role, blank=True)
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiTokenManager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(project=None, role="")
                | models.Q(project__isnull=False, role__in=Role.values),
                name="memberships_apitoken_scope",
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def digest_of(secret):
        return hashlib.sha256(secret.encode()).hexdigest()

    @property
    def is_usable(self):
        return self.revoked_at is None and (
            self.expires_at is None or self.expires_at > timezone.now()
        )
