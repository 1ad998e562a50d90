import zoneinfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
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
