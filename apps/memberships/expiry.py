"""How long a token lasts."""

from datetime import datetime, timedelta

from django.utils import timezone

from apps.projects.permissions import MANAGE_PROJECT

DAYS = 90
"""Of a token for which nobody says anything else."""
MOST_DAYS = 365
RENEW_SOON = timedelta(days=14)

ENDLESS = "Only an owner's token of a project may last without an end."
TOO_LONG = "A token lasts a year at most; make a new one then."


def after(days: int) -> datetime | None:
    """The end of a token made now; 0 days is none."""
    return timezone.now() + timedelta(days=days) if days else None


def may_be_endless(permissions) -> bool:
    """Whether somebody with these permissions in a project may make a token that never ends."""
    return MANAGE_PROJECT in permissions


def is_too_long(end: datetime) -> bool:
    """A day is forgiven to clocks that differ."""
    return end > timezone.now() + timedelta(days=MOST_DAYS + 1)
