from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from rest_framework import authentication, exceptions

from apps.accounts.actor import by_token

from ..models import ApiToken

USE_IS_NOTED_EVERY = timedelta(minutes=1)


def find_token(secret):
    """The usable token of this secret and of an active person, or None."""
    if not secret.startswith(ApiToken.PREFIX):
        return None
    tokens = ApiToken.objects.usable().select_related("user", "project")
    return tokens.filter(digest=ApiToken.digest_of(secret), user__is_active=True).first()


def note_use(token):
    """Remember that the token was used, to the minute, without a write for every request."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


class TokenAuthentication(authentication.BaseAuthentication):
    """Authorization: Bearer tqa_…"""

    def authenticate(self, request):
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = find_token(secret.strip())
        if token is None:
            raise exceptions.AuthenticationFailed(
                "This token is unknown, expired or revoked; "
                "make a new one in the project's settings."
            )
        note_use(token)
        by_token(str(token))
        return token.user, token

    def authenticate_header(self, request):
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of a signed-in browser, with its CSRF token on every unsafe request."""

    def authenticate_header(self, request):
        return "Bearer"
