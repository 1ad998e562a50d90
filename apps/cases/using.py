"""The cases that use shared steps: which they are, and a version of each in few statements."""

from itertools import batched

from django.db import connection
from django.utils import timezone

from .content import MOST_STEPS, searched_text
from .contents import contents_of
from .models import Case, CaseStep, CaseVersion, Review

AT_ONCE = 500

WRITE = """
UPDATE cases_case SET version = said.version, status = said.status, steps_text = said.text,
    updated_at = %(now)s
FROM unnest(%(ids)s::uuid[], %(versions)s::int[], %(statuses)s::text[], %(texts)s::text[])
    AS said (id, version, status, text)
WHERE cases_case.id = said.id
"""
RUNS_UNDER_WAY = """
SELECT count(*) FROM runs_run r
WHERE r.project_id = %(project)s AND r.state IN ('created', 'running') AND EXISTS (
    SELECT FROM executions_execution e WHERE e.run_id = r.id AND e.case_id IN (
        SELECT case_id FROM cases_casestep
        WHERE project_id = %(project)s AND shared_id = %(shared)s
    )
)
"""
# Each use makes room for its lines, which take its place; positions are compared at the commit.
MAKE_ROOM = """
UPDATE cases_casestep s SET position = s.position + (%(count)s - 1) * (
    SELECT count(*) FROM cases_casestep u
    WHERE u.case_id = s.case_id AND u.shared_id = %(shared)s AND u.position < s.position
)
WHERE s.project_id = %(project)s AND s.case_id = ANY(%(cases)s)
"""
UNFOLD = """
INSERT INTO cases_casestep (project_id, case_id, position, action, expected, data)
SELECT s.project_id, s.case_id, s.position + line.place - 1, coalesce(line.step ->> 'action', ''),
    coalesce(line.step ->> 'expected', ''), coalesce(line.step ->> 'data', '')
FROM cases_casestep s JOIN cases_sharedsteps shared ON shared.id = s.shared_id
CROSS JOIN LATERAL jsonb_array_elements(shared.steps) WITH ORDINALITY AS line (step, place)
WHERE s.project_id = %(project)s AND s.shared_id = %(shared)s
"""
LONG = """
SELECT c.number FROM cases_case c JOIN cases_casestep s ON s.case_id = c.id
WHERE c.id = ANY(%(cases)s) GROUP BY c.id, c.number
HAVING count(*) + (%(count)s - 1) * count(*) FILTER (WHERE s.shared_id = %(shared)s) > %(most)s
ORDER BY c.number LIMIT 1
"""


def cases_using(shared):
    """Archived ones too: what they say when they are restored is what their last version says."""
    places = CaseStep.objects.filter(project=shared.project_id, shared=shared.pk)
    return Case.objects.filter(project=shared.project_id, pk__in=places.values("case"))


def hold_cases_using(shared):
    """Their ids, once nobody else can change them; the shared steps are held before."""
    rows = cases_using(shared).select_for_update(no_key=True, of=("self",)).order_by("pk")
    held = list(rows.values_list("pk", flat=True))
    # Some may have lost them to whoever held the case first.
    return list(cases_using(shared).filter(pk__in=held).values_list("pk", flat=True))


def runs_under_way(shared) -> int:
    """How many runs that are not finished hold such a case."""
    with connection.cursor() as cursor:
        cursor.execute(RUNS_UNDER_WAY, {"project": shared.project_id, "shared": shared.pk})
        return cursor.fetchone()[0]


def too_long(shared, cases):
    """The number of the first case that would have too many steps without its shared ones."""
    values = {"most": MOST_STEPS, **_of(shared, cases)}
    with connection.cursor() as cursor:
        cursor.execute(LONG, values)
        found = cursor.fetchone()
    return found and found[0]


def unfold(shared, cases) -> None:
    """Put what the shared steps say into the cases, held before, in place of each use."""
    values = _of(shared, cases)
    with connection.cursor() as cursor:
        cursor.execute(MAKE_ROOM, values)
        cursor.execute(UNFOLD, values)
    CaseStep.objects.filter(project=shared.project_id, shared=shared.pk).delete()


def _of(shared, cases):
    return {
        "project": shared.project_id,
        "shared": shared.pk,
        "count": len(shared.steps),
        "cases": cases,
    }


def add_versions(project, ids, *, by, note) -> None:
    """A version of each of these cases, held before, of what they say by now.

    Where the project says so, a ready one is in review again.
    """
    for some in batched(ids, AT_ONCE):
        cases = list(contents_of(some).values())
        reviewed = []
        for case in cases:
            if project.review_again and case.content["status"] == Case.Status.READY:
                case.content["status"] = Case.Status.IN_REVIEW.value
                reviewed.append(case)
        _write(cases)
        CaseVersion.objects.bulk_create(
            CaseVersion(
                project=project,
                case_id=case.id,
                number=case.version + 1,
                content=case.content,
                note=note,
                created_by=by,
            )
            for case in cases
        )
        Review.objects.bulk_create(
            Review(project=project, case_id=case.id, version=case.version + 1, asked_by=by)
            for case in reviewed
        )


def _write(cases):
    values = {
        "now": timezone.now(),
        "ids": [case.id for case in cases],
        "versions": [case.version + 1 for case in cases],
        "statuses": [case.content["status"] for case in cases],
        "texts": [searched_text(case.content["steps"]) for case in cases],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
