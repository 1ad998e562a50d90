from django.db import IntegrityError, transaction

from apps.projects import trail
from apps.projects.refusals import Refused

from ..models import SavedFilter
from ..query import QueryError, parse
from .writing import known

FILTER_FIELDS = {"name", "query", "is_shared"}
MOST = 100
"""Filters of one person in a project."""


@transaction.atomic
def save_filter(project, *, by, name, query="", is_shared=False) -> SavedFilter:
    """Keep a query under a name, for oneself or for all members.

    Raises Refused where it is no query, the name is taken, or the person has a hundred already.
    """
    project.require_open()
    if project.saved_filters.filter(created_by=by).count() >= MOST:
        raise Refused(f"You have {MOST} filters here; delete one first.", code="too_many")
    saved = SavedFilter(project=project, created_by=by, name=name, is_shared=is_shared)
    saved.query = _usable(query)
    _write(saved, force_insert=True)
    trail.note(project, "filter.save", saved, by=by, after=_told(saved))
    return saved


@transaction.atomic
def change_filter(saved, *, by, **changes) -> SavedFilter:
    """Rename a filter, change what it finds, or share it. `changes`: name, query, is_shared."""
    saved = _lock(saved)
    if "query" in known(changes, FILTER_FIELDS):
        changes["query"] = _usable(changes["query"])
    before, after = trail.changes(saved, changes)
    for name, value in after.items():
        setattr(saved, name, value)
    if after:
        _write(saved, update_fields=list(after))
        trail.note(saved.project, "filter.change", saved, by=by, before=before, after=after)
    return saved


@transaction.atomic
def delete_filter(saved, *, by) -> None:
    """Remove a filter; what it found stays as it is."""
    saved = _lock(saved)
    trail.note(saved.project, "filter.delete", saved, by=by, before=_told(saved))
    saved.delete()


def _lock(saved):
    saved.project.require_open()
    rows = SavedFilter.objects.select_for_update(of=("self",)).select_related("project")
    locked = rows.filter(pk=saved.pk).first()
    if locked is None:
        raise Refused("The filter has been deleted meanwhile.", code="gone")
    return locked


def _usable(query):
    try:
        parse(query)
    except QueryError as error:
        raise Refused(str(error), field="query", code="query") from None
    return query.strip()


def _write(saved, **how):
    try:
        with transaction.atomic():
            saved.save(**how)
    except IntegrityError:
        message = "You have a filter of this name already."
        raise Refused(message, field="name", code="unique") from None


def _told(saved):
    return {"query": saved.query, "is_shared": saved.is_shared}
