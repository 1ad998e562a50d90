import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from apps.accounts.fields import LowercaseEmailField
from apps.projects.models import (
    Project,
    ProjectScopedManager,
    ProjectScopedModel,
    ProjectScopedQuerySet,
    authored,
)
from apps.projects.permissions import Role

from .expiry import RENEW_SOON


class MembershipQuerySet(ProjectScopedQuerySet):
    def of_people(self):
        """Without the accounts that stand for the project's own tokens."""
        return self.filter(user__is_service=False)

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


class InvitationQuerySet(ProjectScopedQuerySet):
    def pending(self):
        """Neither accepted nor withdrawn; the time may have run out."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def for_list(self):
        return self.pending().select_related("created_by").order_by("-id")


class Invitation(ProjectScopedModel):
    """Lets one address into the project once; its secret is in the message alone."""

    LIFETIME = timedelta(days=7)
    SOON = timedelta(days=1)
    MOST_PENDING = 200
    MOST_A_DAY = 500
    PAUSE = timedelta(minutes=1)
    """Between two messages of one, so that nobody's mailbox is flooded from here."""

    class State(models.TextChoices):
        UNSENT = "unsent", "Not sent"
        SENT = "sent", "Sent"
        EXPIRES_SOON = "expires_soon", "Expires soon"
        EXPIRED = "expired", "Expired"

    email = LowercaseEmailField("e-mail address")
    role = models.CharField(max_length=8, choices=Role)
    digest = models.CharField(max_length=64, db_index=True, editable=False)
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = authored()
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    undelivered = False
    """Set where its message could not be sent just now; `sent_at` stays empty then."""

    objects = ProjectScopedManager.from_queryset(InvitationQuerySet)()

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="memberships_invitation_pending",
                violation_error_message="This address is invited already.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="memberships_invitation_role"
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="memberships_invitation_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None, accepted_by=None)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
                name="memberships_invitation_accepted",
            ),
        ]

    def __str__(self):
        return self.email

    @staticmethod
    def digest_of(secret):
        return hashlib.sha256(secret.encode()).hexdigest()

    @property
    def state(self):
        """How it stands with one that is pending."""
        left = self.expires_at - timezone.now()
        if left <= timedelta(0):
            return self.State.EXPIRED
        if self.sent_at is None:
            return self.State.UNSENT
        return self.State.EXPIRES_SOON if left <= self.SOON else self.State.SENT

    @property
    def state_label(self):
        return self.state.label


class ApiTokenQuerySet(models.QuerySet):
    def usable(self):
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()), revoked_at=None
        )


class ApiTokenManager(models.Manager.from_queryset(ApiTokenQuerySet)):
    def get_queryset(self):
        return super().get_queryset().fetch_mode(models.FETCH_PEERS)


class ApiToken(models.Model):
    """A key for scripts, kept as a hash; confined to a project and role if it names them.

    It is a person's, or that of a service account, which stands for the project itself. What it
    opens is asked of the door each time.
    """

    PREFIX = "tqa_"
    SERVICE_DOMAIN = ".service.invalid"
    """Of the addresses of service accounts, at which nobody reads mail."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        RENEW_SOON = "renew_soon", "Renew soon"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Revoked"

    class Scope(models.TextChoices):
        ALL = "all", "All that the role may"
        READ = "read", "Read only"
        RESULTS = "results", "Send results only"

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
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.ALL)
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
            models.CheckConstraint(
                condition=models.Q(scope__in=["all", "read", "results"]),
                name="memberships_apitoken_narrower",
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def digest_of(secret):
        return hashlib.sha256(secret.encode()).hexdigest()

    @property
    def is_usable(self):
        return self.state in (self.State.ACTIVE, self.State.RENEW_SOON)

    @property
    def state(self):
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.expires_at is None:
            return self.State.ACTIVE
        left = self.expires_at - timezone.now()
        if left <= timedelta(0):
            return self.State.EXPIRED
        return self.State.RENEW_SOON if left <= RENEW_SOON else self.State.ACTIVE

    @property
    def state_label(self):
        return self.state.label
