"""The browsers in which somebody is signed in, and when each was last seen."""

import time

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Max
from django.utils import timezone

SEEN = "seen_at"
SEEN_EVERY = 5 * 60  # seconds; a write at each request would cost more than the page

BROWSERS = [("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", ""), ("Chrome", ""), ("Safari", "")]
SYSTEMS = [
    ("Windows", ""),
    ("Android", ""),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", ""),
]


def begin_to_see(request):
    """A session that began by signing in here is listed, and followed from now on."""
    request.session[SEEN] = int(time.time())


def see(request):
    """Keep when, from where and in which browser the session was used, every few minutes."""
    seen = request.session.get(SEEN)
    if seen is not None and time.time() - seen > SEEN_EVERY:
        UserSession.objects.create_from_request(request)
        begin_to_see(request)


def open_sessions(user):
    """Those that still work, the last used first, by two queries whatever their number."""
    rows = list(UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk"))
    alive = Session.objects.filter(
        session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now()
    )
    fits = user.get_session_auth_hash()
    keys = {
        session.session_key
        for session in alive
        if session.get_decoded().get(HASH_SESSION_KEY) == fits
    }
    return [row for row in rows if row.session_key in keys]


def last_seen(users) -> dict:
    """{user id: when a session of theirs was last used} of those who have one; one query."""
    rows = UserSession.objects.filter(user__in=users).order_by().values("user")
    return dict(rows.values_list("user").annotate(Max("last_seen_at")))


def browser_of(user_agent):
    """“Firefox on Windows”, as far as a browser tells the truth about itself."""
    browser = _first(BROWSERS, user_agent) or "Another program"
    system = _first(SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def _first(names, user_agent):
    for name, called in names:
        if name in user_agent:
            return called or name
    return ""
