from allauth.usersessions.models import UserSession
from django.db import transaction

from .models import User
from .sessions import browser_of
from .trail import note_instance


@transaction.atomic
def end_session(session: UserSession, *, by: User) -> None:
    """Sign a browser out; one that has ended already is left as it is."""
    rows = UserSession.objects.select_for_update(of=("self",))
    if (locked := rows.filter(pk=session.pk).first()) is None:
        return
    locked.end()
    _note_ended([locked], of=session.user, by=by)


@transaction.atomic
def end_other_sessions(user: User, *, keep: str | None, by: User) -> int:
    """Sign every browser out but the one of this session key; returns how many."""
    rows = UserSession.objects.select_for_update(of=("self",)).order_by("pk")
    ended = list(rows.filter(user=user).exclude(session_key=keep or ""))
    for session in ended:
        session.end()
    if ended:
        _note_ended(ended, of=user, by=by)
    return len(ended)


def _note_ended(sessions, *, of, by):
    browsers = [f"{browser_of(session.user_agent)}, {session.ip}" for session in sessions]
    note_instance("session.end", of, by=by, before={"sessions": browsers})
