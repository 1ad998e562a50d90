"""Where suites stand among their siblings: one statement places one and numbers them all."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from apps.projects.refusals import Refused

from .models import Suite

HIGHEST = 2**31 - 1
PLACE = """
WITH sibling AS (
    SELECT id, 2 * row_number() OVER (ORDER BY position, name, id) AS place
    FROM cases_suite WHERE project_id = %(project)s
        AND parent_id IS NOT DISTINCT FROM %(parent)s AND id <> %(suite)s
), placed AS (
    SELECT id, place FROM sibling
    UNION ALL
    SELECT %(suite)s, coalesce(
        (SELECT place - 1 FROM sibling WHERE id = %(before)s),
        (SELECT max(place) + 1 FROM sibling), 1
    )
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY place) AS position FROM placed
)
UPDATE cases_suite SET position = numbered.position,
    parent_id = CASE WHEN cases_suite.id = %(suite)s THEN %(parent)s ELSE parent_id END
FROM numbered WHERE cases_suite.id = numbered.id
    AND (cases_suite.id = %(suite)s OR cases_suite.position <> numbered.position)
"""

STUCK = {
    "up": "is the first among its siblings.",
    "down": "is the last among its siblings.",
    "in": "has no suite before it that it could lie in.",
    "out": "lies at the top already.",
}


@dataclass(frozen=True)
class Place:
    """Below `parent`, or at the top for None; before that sibling, or last for None."""

    parent: Suite | None
    before: Suite | None = None


def place_suite(suite, place: Place) -> None:
    """Put the suite there and number its siblings from 1; the caller holds the project."""
    with connection.cursor() as cursor:
        cursor.execute(
            PLACE,
            {
                "project": suite.project_id,
                "suite": suite.pk,
                "parent": place.parent and place.parent.pk,
                "before": place.before and place.before.pk,
            },
        )


def last_position(project, parent) -> int:
    """For one more suite below the parent: 0, that is by its name, until they have an order."""
    last = project.suites.filter(parent=parent).aggregate(last=Max("position"))["last"]
    return min(last + 1, HIGHEST) if last else 0


def next_to(suite, direction: str) -> Place:
    """Where a suite goes by one step up, down, in (below the one before it) or out of its parent.

    Archived siblings, which the tree does not show, are stepped over. Raises Refused where it
    cannot go any further.
    """
    siblings = list(suite.project.suites.filter(parent=suite.parent_id, archived_at=None))
    at = next((n for n, row in enumerate(siblings) if row.pk == suite.pk), 0)
    if direction == "up" and at > 0:
        return Place(suite.parent, siblings[at - 1])
    if direction == "down" and at + 1 < len(siblings):
        return Place(suite.parent, siblings[at + 2] if at + 2 < len(siblings) else None)
    if direction == "in" and at > 0:
        return Place(siblings[at - 1])
    if direction == "out" and suite.parent:
        above = list(suite.project.suites.filter(parent=suite.parent.parent_id, archived_at=None))
        after = next((n for n, row in enumerate(above, 1) if row.pk == suite.parent_id), len(above))
        return Place(suite.parent.parent, above[after] if after < len(above) else None)
    raise Refused(f"{suite} {STUCK[direction]}", code="no_further")
