"""Which case a row is: by its key, by its id in the tool it came from, or by suite and title."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from .wanted import Draft

BY_KEY = "Found by its key."
BY_ID = "Found by its id, {id}."
BY_TITLE = "Found by suite and title."
OWN = "testoqa"
"""The source of cases that another project of ours exported."""

ORIGINS = """
SELECT o.external_id, o.case_id FROM unnest(%(ids)s::text[]) AS wanted (id)
JOIN cases_caseorigin o ON o.project_id = %(project)s AND o.source = %(source)s
    AND md5(o.external_id) = md5(wanted.id) AND o.external_id = wanted.id
"""
# In the order of their numbers; cases that belong to another id of the same source are no
# candidates for a row that has one.
TITLES = """
SELECT wanted.place, c.id, EXISTS (
    SELECT FROM cases_caseorigin o
    WHERE o.project_id = c.project_id AND o.case_id = c.id AND o.source = %(source)s)
FROM unnest(%(places)s::int[], %(suites)s::uuid[], %(titles)s::text[])
    AS wanted (place, suite, title)
JOIN cases_case c ON c.project_id = %(project)s AND c.archived_at IS NULL
    AND c.title = wanted.title AND {suite}
WHERE NOT EXISTS (
    SELECT FROM cases_caseimportrow r WHERE r.case_import_id = %(import)s AND r.case_id = c.id)
ORDER BY c.number
"""


@dataclass
class Found:
    """The case of a draft, and by what it was found."""

    case: UUID
    by: str


class Finder:
    """Finds the cases of a batch of drafts in a few statements; one case is given out once.

    By title it finds none that an earlier row of the same import is.
    """

    def __init__(self, project, source: str, import_id: UUID):
        self.project, self.source, self.import_id = project, source, import_id
        self.pattern = re.compile(rf"{project.key}-([1-9]\d{{0,8}})\Z", re.IGNORECASE)

    def number_of(self, draft: Draft) -> int | None:
        found = self.pattern.match(draft.key.strip())
        return int(found[1]) if found else None

    def origin_of(self, draft: Draft) -> tuple[str, str] | None:
        """(source, id) by which the next import finds the case; a key of elsewhere is one."""
        if draft.external_id:
            return self.source, draft.external_id
        if draft.key and self.number_of(draft) is None:
            return OWN, draft.key
        return None

    def find(self, drafts: list[Draft], suites: dict[int, UUID | None]) -> dict[int, Found]:
        """{row: Found}; `suites` tells the suite of each row, without those that do not exist."""
        found = self._by_key(drafts)
        rest = [draft for draft in drafts if draft.row not in found]
        found |= self._by_origin(rest)
        rest = [draft for draft in rest if draft.row not in found and draft.row in suites]
        held = {one.case for one in found.values()}
        return found | self._by_title(rest, suites, held)

    def _by_key(self, drafts):
        numbers = {draft.row: self.number_of(draft) for draft in drafts}
        wanted = {number for number in numbers.values() if number}
        if not wanted:
            return {}
        ids = dict(self.project.cases.filter(number__in=wanted).values_list("number", "id"))
        return {row: Found(ids[number], BY_KEY) for row, number in numbers.items() if number in ids}

    def _by_origin(self, drafts):
        origins = {draft.row: origin for draft in drafts if (origin := self.origin_of(draft))}
        ids: dict[tuple[str, str], UUID] = {}
        for source in {source for source, _ in origins.values()}:
            named = list({id for known, id in origins.values() if known == source})
            with connection.cursor() as cursor:
                values = {"ids": named, "project": self.project.pk, "source": source}
                cursor.execute(ORIGINS, values)
                ids |= {(source, id): case for id, case in cursor.fetchall()}
        return {
            row: Found(ids[origin], BY_ID.format(id=origin[1]))
            for row, origin in origins.items()
            if origin in ids
        }

    def _by_title(self, drafts, suites, held):
        candidates: dict[int, list[tuple[UUID, bool]]] = {}
        inside = [draft for draft in drafts if suites[draft.row] is not None]
        outside = [draft for draft in drafts if suites[draft.row] is None]
        for row, case, has_origin in [
            *self._ask(inside, suites, "c.suite_id = wanted.suite"),
            *self._ask(outside, suites, "c.suite_id IS NULL"),
        ]:
            candidates.setdefault(row, []).append((case, has_origin))
        found, held = {}, set(held)
        for draft in drafts:
            has_id = self.origin_of(draft) is not None
            free = (
                case
                for case, has_origin in candidates.get(draft.row, ())
                if case not in held and not (has_id and has_origin)
            )
            if case := next(free, None):
                held.add(case)
                found[draft.row] = Found(case, BY_TITLE)
        return found

    def _ask(self, drafts: Iterable[Draft], suites, suite: str):
        drafts = list(drafts)
        if not drafts:
            return []
        values = {
            "places": [draft.row for draft in drafts],
            "suites": [suites[draft.row] for draft in drafts],
            "titles": [draft.title for draft in drafts],
            "project": self.project.pk,
            "source": self.source,
            "import": self.import_id,
        }
        with connection.cursor() as cursor:
            cursor.execute(TITLES.format(suite=suite), values)
            return cursor.fetchall()
