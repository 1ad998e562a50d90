"""Which cases have a finished result, kept beside them: those without one are found at once.

Case.has_run is true only where there is one. Who stores results marks their cases in the same
transaction, and who takes results away unmarks them; false says nothing for certain, since results
may arrive at that moment, so a query for what never ran looks for results as well.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from apps.projects.locks import lock_project

from .models import Case

MARK = """
UPDATE cases_case SET has_run = true WHERE id IN (
    SELECT id FROM cases_case WHERE NOT has_run AND id IN ({cases}) ORDER BY id FOR NO KEY UPDATE
)
"""
UNMARK = """
UPDATE cases_case SET has_run = false WHERE id IN (
    SELECT c.id FROM cases_case c WHERE c.has_run AND c.id = ANY(%s) AND NOT EXISTS (
        SELECT FROM executions_execution e WHERE e.case_id = c.id AND e.state = 'finished'
    ) ORDER BY c.id FOR NO KEY UPDATE
)
"""


def mark_all(cursor, cases: str) -> None:
    """Of `cases`, SQL for ids, each has a finished result now."""
    cursor.execute(MARK.format(cases=cases))


def mark(case: UUID) -> None:
    """The same of one, by its id."""
    Case.objects.filter(pk=case, has_run=False).update(has_run=True)


def unmark(project, cases: Iterable[UUID]) -> None:
    """Results of these cases, by their ids, were taken away in this transaction."""
    # Two who take away results of one case would each see those of the other.
    lock_project(project)
    with connection.cursor() as cursor:
        cursor.execute(UNMARK, [list(cases)])
