import zoneinfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import UUID7, Lower, Now
from django.utils import timezone

from .fields import LowercaseEmailField


def known_time_zone(name):
    """Refuse a name that the time zone database does not hold."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            f"“{name}” is not a time zone; write one such as Europe/Berlin or UTC."
        )


class UserManager(BaseUserManager):
    def get_queryset(self):
        return super().get_queryset().fetch_mode(models.FETCH_PEERS)

    def create_user(self, email, password=None, **fields):
        """Make a person; without a password they cannot sign in until one is set."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    class Theme(models.TextChoices):
        SYSTEM = "system", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Density(models.TextChoices):
        COMPACT = "compact", "Compact"
        COSY = "cosy", "Cosy"

    email = LowercaseEmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=8, choices=Density, default=Density.COMPACT)
    shortcuts = models.BooleanField(
        "keyboard shortcuts",
        default=True,
        help_text="Single letters such as j, k and n act at once.",
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Clear this instead of deleting a person who leaves."
    )
    is_service = models.BooleanField(
        "service account",
        default=False,
        editable=False,
        help_text="Stands for a project's own token; nobody signs in as it.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(is_service=False)
                | models.Q(is_superuser=False, password__startswith="!"),
                name="accounts_user_service",
                violation_error_message="Nobody signs in as a service account.",
            ),
        ]

    def __str__(self):
        return self.display_name

    @property
    def display_name(self):
        return self.name or self.email

    @property
    def is_staff(self):
        """The admin is for superusers only."""
        return self.is_superuser

    def get_full_name(self):
        return self.display_name

    def get_short_name(self):
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


class TrailRow(models.Model):
    """One act: who did what to which object, when and from where. The database keeps it as it is.

    `who` and `object_label` are what they were called then; `before` and `after` hold the fields
    that changed.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        editable=False,
        related_name="+",
    )
    who = models.CharField(max_length=254, editable=False)
    token = models.CharField(max_length=120, blank=True, editable=False)
    verb = models.CharField(max_length=60, editable=False)
    object_type = models.CharField(max_length=40, blank=True, editable=False)
    object_id = models.CharField(max_length=64, blank=True, editable=False)
    object_label = models.CharField(max_length=255, blank=True, editable=False)
    before = models.JSONField(default=dict, editable=False, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, editable=False, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(null=True, editable=False)
    request_id = models.CharField(max_length=36, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.who}: {self.verb} {self.object_label}".strip()


class InstanceActivity(TrailRow):
    """What concerns the instance: signing in, lock-outs, permissions, projects that are gone."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    project_key = models.CharField(max_length=10, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "instance activity"
