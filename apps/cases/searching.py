"""What an address of the list asks for: a query, a suite, and what older addresses name."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from .filters import NONE
from .query import QueryError, is_dear, narrowed, parse
from .query.fields import FIELDS, choice_of
from .query.nodes import quoted
from .tree import branch_within
from .views.answers import uuid_of

LARGE = 20_000
"""Cases of a project in which nothing is counted to its end while somebody waits."""
MOST_COUNTED, MOST_OF_LARGE, FEW = 10_000, 1_000, 1_000
COUNT = """
WITH meant AS MATERIALIZED ({cases})
SELECT (SELECT count(*) FROM meant), ARRAY(SELECT id FROM meant LIMIT {few})
"""


@dataclass(frozen=True)
class Found:
    """The cases of a search, to be sorted and paged.

    `count` is how many there are, at most one more than `most`; None where counting took too long.
    """

    cases: QuerySet
    count: int | None
    most: int = MOST_COUNTED


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

    def found(self, cases: QuerySet) -> Found:
        """The same with their count, which of a dear query nobody waits for.

        Few are known by their ids from then on: the planner, who cannot know that a word is rare,
        would walk all cases in the order of the list.
        """
        meant = self.cases(cases)
        if self.is_dear:
            return Found(meant, None)
        most = MOST_OF_LARGE if is_large(self.project) else MOST_COUNTED
        some = meant.order_by().values("id")[: most + 1]
        if not self.text and not self.suite:
            return Found(meant, some.count(), most)
        count, ids = _counted(some)
        return Found(cases.filter(pk__in=ids) if count <= FEW else meant, count, most)


def is_large(project) -> bool:
    return project.last_case_number > LARGE


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


def told_count(found: Found, page) -> dict[str, str]:
    """`count`, which says how many cases there are, and `shown`, which says it of the page."""
    here = len(page.rows)
    if not (page.next or page.previous):
        count = f"{here:,} case{'' if here == 1 else 's'}"
        return {"count": count, "shown": count}
    if found.count is None:
        return {"count": f"more than {here:,} cases", "shown": f"{here:,} of more cases"}
    is_cut = found.count > found.most
    count = f"{found.most:,}+ cases" if is_cut else f"{found.count:,} cases"
    return {"count": count, "shown": f"{here:,} of {count}"}


def _counted(cases):
    """(how many, the ids of the first few) of a query for ids"""
    try:
        sql, params = cases.query.sql_with_params()
    except EmptyResultSet:
        return 0, []
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(cases=sql, few=FEW), params)
        return cursor.fetchone()


def _suite_of(text):
    return NONE if text == NONE else uuid_of(text)
