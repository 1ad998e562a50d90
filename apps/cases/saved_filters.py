"""Whose filter is whose: each is its maker's, and those that are shared are seen by all."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from apps.projects.permissions import EDIT, SCOPE_SENTENCES

from .filters import NONE
from .query.nodes import And, Term, Value
from .query.parsing import LONGEST


def query_to_save(search, suite) -> str:
    """What is looked for, and as a term of it the suite that the list is narrowed to, if any.

    Empty where that is nothing, or no query that can be kept.
    """
    if search.error:
        return ""
    if not (suite or search.is_outside):
        return search.text
    place = Value(f"/{suite.path}", is_quoted=True) if suite else Value(NONE)
    parts = search.tree.parts if isinstance(search.tree, And) else (search.tree,)
    query = str(And((Term("suite", "", (place,)), *parts)))
    return query if len(query) <= LONGEST else ""


def filters_seen_by(project, user):
    """A person's own filters and those that others share, by name."""
    seen = project.saved_filters.filter(Q(created_by=user) | Q(is_shared=True))
    return seen.select_related("created_by")


def require_sharing(context, is_shared) -> None:
    """What all members see is for who may edit cases."""
    if is_shared:
        context.require(EDIT)


def require_writing(context) -> None:
    """Every member may keep filters, but not by a token that only reads or sends results."""
    if context.token is not None and context.token.scope in SCOPE_SENTENCES:
        raise PermissionDenied(SCOPE_SENTENCES[context.token.scope])


def require_own(context, saved) -> None:
    if saved.created_by_id != context.user.pk:
        raise PermissionDenied(f"This filter is {saved.created_by}'s; save one of your own.")


def require_removable(context, saved) -> None:
    """One's own; a shared one, whosever it is, where one may edit cases."""
    require_sharing(context, saved.is_shared)
    if not saved.is_shared:
        require_own(context, saved)


def is_removable(context, saved) -> bool:
    if saved.is_shared:
        return context.may(EDIT)
    return saved.created_by_id == context.user.pk
