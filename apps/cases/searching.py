"""What an address of the list asks for: a query, a suite, and what older addresses name."""

from uuid import UUID

from django.db.models import QuerySet

from .filters import NONE
from .query import QueryError, is_dear, narrowed, parse
from .query.fields import FIELDS, choice_of
from .query.nodes import quoted
from .tree import branch_within
from .views.answers import uuid_of

MOST_COUNTED = 10_000


class Search:
    """`text` is the query as it stands in the field; `error` says where it is none."""

    def __init__(self, project, params, user):
        self.project, self.user = project, user
        self.text = query_of(params)
        self.suite = _suite_of(params.get("suite", ""))
        self.tree, self.error = None, None
        try:
            self.tree = parse(self.text)
        except QueryError as error:
            self.error = error

    @property
    def is_outside(self) -> bool:
        return self.suite == NONE

    @property
    def suite_id(self) -> UUID | None:
        return None if self.is_outside else self.suite

    @property
    def is_dear(self) -> bool:
        return self.tree is not None and is_dear(self.tree)

    def cases(self, cases: QuerySet | None = None) -> QuerySet:
        """Those of the project's cases that are meant; none where the query is wrong."""
        cases = self.project.cases.all() if cases is None else cases
        if self.error:
            return cases.none()
        if self.is_outside:
            cases = cases.filter(suite=None)
        elif self.suite:
            cases = cases.filter(suite__in=branch_within(self.project, self.suite))
        try:
            return narrowed(cases, self.tree, self.project, self.user)
        except QueryError as error:
            self.error = error
            return cases.none()


def query_of(params) -> str:
    """The query of ?q=, and what the fields of older addresses say beside it."""
    typed = params.get("q", "").strip()
    terms = []
    for name in ("status", "kind", "priority"):
        if choice := choice_of(FIELDS[name], params.get(name, "")):
            terms.append(f"{name}:{choice}")
    if tag := params.get("tag", "").strip():
        terms.append(f"tag:{quoted(tag)}")
    if params.get("archived", "").lower() in ("on", "true", "1"):
        terms.append("is:archived")
    if typed and terms:
        typed = f"({typed})"
    return " ".join([*filter(None, [typed]), *terms])


def told_count(search, cases, page) -> dict[str, str]:
    """`count`, which says how many cases there are, and `shown`, which says it of the page.

    All that match a dear query are not counted, and of any other so many as a moment allows.
    """
    here = len(page.rows)
    if not (page.next or page.previous):
        count = f"{here:,} case{'' if here == 1 else 's'}"
        return {"count": count, "shown": count}
    if search.is_dear:
        return {"count": f"more than {here:,} cases", "shown": f"{here:,} of more cases"}
    number = cases.order_by().values("pk")[: MOST_COUNTED + 1].count()
    count = f"{MOST_COUNTED:,}+ cases" if number > MOST_COUNTED else f"{number:,} cases"
    return {"count": count, "shown": f"{here:,} of {count}"}


def _suite_of(text):
    return NONE if text == NONE else uuid_of(text)
