"""The number at the bell: read with the person whom a session names, so no page asks for it."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from apps.accounts.models import User

from .models import Mention

MOST = 99


def unread_of(user):
    """Mentions that call this person and are unread, one more than the bell can tell at most.

    `user` is a person, or what refers to one in the query that this becomes a part of.
    """
    return Mention.objects.of(user).unread().order_by().values("pk")[: MOST + 1]


def bell_of(count) -> dict:
    """What the bell shows of `count` unread mentions."""
    return {"count": count, "label": f"{MOST}+" if count > MOST else str(count)}


def unread_count(user) -> int:
    """Costs a query only for somebody who signed in by this very request."""
    if not hasattr(user, "unread_mentions"):
        user.unread_mentions = list(unread_of(user))
    return len(user.unread_mentions)


class PersonBackend(AuthenticationBackend):
    """Signs in as allauth does; the person of a session comes with their unread mentions."""

    def get_user(self, user_id):
        unread = ArraySubquery(unread_of(OuterRef("pk")))
        user = User.objects.annotate(unread_mentions=unread).filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
