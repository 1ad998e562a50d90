"""Which cases a change is of: those named, or all that a query finds at this moment."""

import re
from collections.abc import Iterable

from django.http import Http404, QueryDict

from apps.projects.door import find_project
from apps.projects.permissions import EDIT
from apps.projects.refusals import Unprocessable

from ..query import QueryError, narrowed
from ..searching import Search

MOST = 10_000
"""Cases that one request names; a query finds any number."""
NAMED = 20
"""Unknown keys that a refusal names."""


def cases_of_keys(project, keys: Iterable[str]):
    """The cases with these keys (WEB-12), each once; raises Unprocessable naming unknown ones."""
    pattern = re.compile(rf"{re.escape(project.key)}-([1-9][0-9]{{0,8}})", re.IGNORECASE)
    matches = {key: pattern.fullmatch(key.strip()) for key in keys}
    numbers = {key: int(match[1]) for key, match in matches.items() if match}
    return _known(project, numbers, [key for key, match in matches.items() if not match])


def cases_of_numbers(project, texts: Iterable[str]):
    """The same of numbers alone, as the boxes of the list send them."""
    return cases_of_keys(project, [f"{project.key}-{text}" for text in texts])


def _known(project, numbers, unknown):
    if len(numbers) + len(unknown) > MOST:
        raise Unprocessable(
            f"At most {MOST:,} cases are named at once; choose them by a query instead.",
            field="cases",
            code="too_many",
        )
    cases = project.cases.filter(number__in=set(numbers.values()))
    there = set(cases.values_list("number", flat=True)) if numbers else set()
    unknown += [key for key, number in numbers.items() if number not in there]
    if unknown:
        more = f" and {len(unknown) - NAMED:,} more" if len(unknown) > NAMED else ""
        raise Unprocessable(
            f"{project.key} has no case {', '.join(unknown[:NAMED])}{more}; nothing was changed.",
            field="cases",
            code="unknown",
        )
    return cases


def cases_of_query(project, text: str, user):
    """All that the query finds; an empty one is refused, so that no slip changes every case."""
    if not text.strip():
        raise Unprocessable("Write what the cases are found by.", field="q", code="empty")
    try:
        return narrowed(project.cases.all(), text, project, user)
    except QueryError as error:
        raise _wrong(error) from None


def cases_of_address(project, query: str, user):
    """All that the list shows, page by page, whose address has this query."""
    search = Search(project, QueryDict(query), user)
    cases = search.cases()
    if search.error:
        raise _wrong(search.error)
    return cases


def _wrong(error):
    return Unprocessable(str(error), field="q", code="query")


def open_target(user, key: str, *, token=None):
    """The project to copy to, where this person may write: the other door of a copy.

    Raises Unprocessable for one that they do not see, PermissionDenied where they may not write.
    """
    try:
        context = find_project(user, key, token=token)
    except Http404:
        raise Unprocessable(
            f"There is no project {key[:20]} that you can see.", field="copy_to", code="unknown"
        ) from None
    context.require(EDIT)
    return context.project
