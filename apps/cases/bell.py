"""The number at the bell: read with the person whom a session names, so no page asks for it."""

from functools import cache

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery

from apps.accounts.models import User

from .models import Mention

MOST = 99
ANYBODY = -1
"""The key of whom the statement is written for."""


@cache
def _statement():
    """Written once: each request asks it, and Django takes longer to write it than PostgreSQL to
    answer."""
    mentions = Mention.objects.of(User(pk=ANYBODY)).unread().order_by().values("pk")[: MOST + 1]
    people = User.objects.filter(pk=ANYBODY).annotate(unread_mentions=ArraySubquery(mentions))
    return people.query.sql_with_params()


def person_of(pk):
    """The person with `unread_mentions`, one more than the bell can tell at most; None for none."""
    sql, params = _statement()
    return next(
        iter(User.objects.raw(sql, [pk if one == ANYBODY else one for one in params])), None
    )


def bell_of(count) -> dict:
    """What the bell shows of `count` unread mentions."""
    return {"count": count, "label": f"{MOST}+" if count > MOST else str(count)}


def unread_count(user) -> int:
    """Costs a query only for somebody who signed in by this very request."""
    if not hasattr(user, "unread_mentions"):
        user.unread_mentions = person_of(user.pk).unread_mentions
    return len(user.unread_mentions)


class PersonBackend(AuthenticationBackend):
    """Signs in as allauth does; the person of a session comes with their unread mentions."""

    def get_user(self, user_id):
        user = person_of(user_id)
        return user if user and self.user_can_authenticate(user) else None
