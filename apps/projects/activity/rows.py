"""Rows of the trail: which of them somebody sees, and which of those they ask for."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from ..door import RequestContext
from ..permissions import MANAGE_MEMBERS
from .words import ACCESS, OWNERS_ALONE, WORDS, kind_of, verbs_of

LONGEST = timedelta(hours=1)
"""Between the beginning of a transaction, which `at` tells, and the birth of a row's id in it."""


def seen_by(context: RequestContext) -> QuerySet:
    """Every member sees who did what; what tells of tokens and invitations is for owners."""
    rows = context.project.activity.select_related("user")
    if context.may(MANAGE_MEMBERS):
        return rows
    for kind in OWNERS_ALONE:
        rows = rows.exclude(verb__startswith=f"{kind}.")
    return rows


def sees_origins(context: RequestContext) -> bool:
    """Addresses, names of tokens and ids of requests are for owners."""
    return context.may(MANAGE_MEMBERS)


def narrowed(rows: QuerySet, asked: dict) -> QuerySet:
    """Those that fit {"person", "verb", "object", "since", "until", "access", "q"}.

    A verb is one such as run.finish, or a kind of them such as run. Times are from `since` on, and
    before `until`.
    """
    if person := asked.get("person"):
        rows = rows.filter(who__in={person, person.lower()})
    if verb := asked.get("verb"):
        rows = rows.filter(verb__in=[verb] if verb in WORDS else verbs_of(verb))
    if id := asked.get("object"):
        rows = rows.filter(object_id=id)
    if asked.get("access"):
        rows = rows.filter(verb__in=verbs_of(*ACCESS))
    if text := asked.get("q"):
        rows = rows.filter(object_label__icontains=text)
    return rows.filter(_time(asked.get("since"), asked.get("until")))


def _time(since: datetime | None, until: datetime | None) -> Q:
    """Ids sort by time, so that an index finds the range; `at` says it exactly."""
    wanted = Q()
    if since is not None:
        wanted &= Q(at__gte=since, id__gte=_first_id(since, -LONGEST))
    if until is not None:
        wanted &= Q(at__lt=until, id__lt=_first_id(until, LONGEST))
    return wanted


def _first_id(moment: datetime, apart: timedelta) -> UUID:
    """The lowest UUIDv7 of that moment; of one before 1970 the lowest of all."""
    milliseconds = int((moment.timestamp() + apart.total_seconds()) * 1000)
    return UUID(int=min(max(milliseconds, 0), 2**48 - 1) << 80)


def known_verb(verb: str) -> bool:
    return verb in WORDS or verb in {kind_of(known) for known in WORDS}
