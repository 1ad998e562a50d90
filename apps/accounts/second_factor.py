"""Who has a second factor: an authenticator app, or a passkey."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db.models import Exists, Q

from .models import User

KINDS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
"""Recovery codes stand in for one of these, and are none."""


def has_second_factor(user: User) -> bool:
    """Whether it is set up; a project's own token has none and needs none."""
    return user.is_service or bool(having_second_factor([user.pk]))


def having_second_factor(ids: Iterable[int]) -> set[int]:
    """Which of these people have one, or need none, in one query."""
    fine = Q(is_service=True) | Q(authenticator__type__in=KINDS)
    return set(User.objects.filter(fine, pk__in=ids).values_list("pk", flat=True))


def has_one(user: User) -> Exists:
    """The same as a condition of a query."""
    return Exists(
        User.objects.filter(Q(is_service=True) | Q(authenticator__type__in=KINDS), pk=user.pk)
    )
