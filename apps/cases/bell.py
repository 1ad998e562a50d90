"""The number at the bell: read with the person whom a session names, so no page asks for it."""

from allauth.account.auth_backends import AuthenticationBackend

from apps.accounts.models import User

MOST = 99
# Mentions that are Mention.objects.of(user).unread(), as a statement of our own: each request asks
# it, and Django takes longer to write one than PostgreSQL to answer.
PERSON = """
SELECT u.*, ARRAY(
    SELECT m.id FROM cases_mention m
    JOIN memberships_membership s ON s.project_id = m.project_id AND s.user_id = u.id
    JOIN projects_project p ON p.id = m.project_id
    WHERE m.user_id = u.id AND m.read_at IS NULL AND p.deleted_at IS NULL LIMIT %(most)s
) AS unread_mentions
FROM accounts_user u WHERE u.id = %(user)s
"""


def person_of(pk):
    """The person with `unread_mentions`, one more than the bell can tell at most; None for none."""
    return next(iter(User.objects.raw(PERSON, {"user": pk, "most": MOST + 1})), None)


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
