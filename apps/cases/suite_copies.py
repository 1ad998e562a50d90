"""Copies of suites: their tree at once; many cases by a job, a part in each transaction."""

from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.projects.locks import lock_project

from .copying import copy_cases
from .doors import require_still_editor
from .models import BulkChange, BulkItem
from .tree import LONGEST_SUITE_NAME

VERB = "copy_suite"
AT_ONCE = 500
"""Cases that are copied in the request itself, and in each transaction of the job."""

BRANCH_IN_USE = """
WITH RECURSIVE branch AS (
    SELECT id FROM cases_suite WHERE id = %(suite)s
    UNION ALL
    SELECT s.id FROM cases_suite s JOIN branch b ON s.parent_id = b.id WHERE s.archived_at IS NULL
) SELECT id, uuidv7() FROM branch
"""
COPY_SUITES = """
INSERT INTO cases_suite (id, project_id, parent_id, name, path, description, owner_id, position,
    execution_order, timeout_seconds, parallel_safe, prerequisites, created_at)
SELECT pair.copy, s.project_id,
    CASE WHEN s.id = %(suite)s THEN %(parent)s::uuid ELSE above.copy END,
    CASE WHEN s.id = %(suite)s THEN %(name)s ELSE s.name END, '', s.description, s.owner_id,
    s.position, s.execution_order, s.timeout_seconds, s.parallel_safe, s.prerequisites, now()
FROM unnest(%(sources)s::uuid[], %(copies)s::uuid[]) AS pair (source, copy)
JOIN cases_suite s ON s.id = pair.source
LEFT JOIN unnest(%(sources)s::uuid[], %(copies)s::uuid[]) AS above (source, copy)
    ON above.source = s.parent_id
"""
QUEUE_CASES = """
INSERT INTO cases_bulkitem (project_id, change_id, case_id, before, outcome)
SELECT %(project)s, %(change)s, c.id, jsonb_build_object('suite', pair.copy), 'changed'
FROM unnest(%(sources)s::uuid[], %(copies)s::uuid[]) AS pair (source, copy)
JOIN cases_case c ON c.suite_id = pair.source AND c.archived_at IS NULL
"""


def copy_branch(suite, *, parent, name) -> dict:
    """{suite: its copy} by their ids, of the suites in use from this one down, without cases."""
    with connection.cursor() as cursor:
        cursor.execute(BRANCH_IN_USE, {"suite": suite.pk})
        pairs = dict(cursor.fetchall())
        cursor.execute(
            COPY_SUITES,
            {
                "suite": suite.pk,
                "parent": parent and parent.pk,
                "name": name,
                "sources": list(pairs),
                "copies": list(pairs.values()),
            },
        )
    return pairs


def free_name(project, name, parent) -> str:
    """“Cart (copy)”, or with the next number where there is one already."""
    base = name[: LONGEST_SUITE_NAME - 20]
    taken = set(
        project.suites.filter(parent=parent, name__startswith=base).values_list("name", flat=True)
    )
    number = 1
    while (found := f"{base} (copy{f' {number}' if number > 1 else ''})") in taken:
        number += 1
    return found


def queue_cases(project, pairs, copy, *, by) -> BulkChange:
    """The cases of these suites, waiting to be copied by the job."""
    change = project.bulk_changes.create(verb=VERB, arguments={"to": str(copy.pk)}, created_by=by)
    with connection.cursor() as cursor:
        cursor.execute(
            QUEUE_CASES,
            {
                "project": project.pk,
                "change": change.pk,
                "sources": list(pairs),
                "copies": list(pairs.values()),
            },
        )
        change.total = cursor.rowcount
    change.save(update_fields=["total"])
    return change


@transaction.atomic
def copy_next(change_id) -> bool:
    """Copy the next cases of a queued copy; whether there are more. Running it again is harmless.

    Cases whose suite went meanwhile, or that went themselves, are passed over. Raises Refused
    where who asked may change cases no longer.
    """
    rows = BulkChange.objects.select_for_update(no_key=True, of=("self",))
    change = rows.select_related("project", "created_by").filter(pk=change_id).first()
    if change is None or not change.is_under_way:
        return False
    require_still_editor(change.created_by, change.project.key)
    lock_project(change.project)
    items = list(change.items.filter(version=None).order_by("id")[:AT_ONCE])
    change.changed += _copy(change, items)
    change.done += len(items)
    more = change.items.filter(version=None).exists()
    change.state = BulkChange.State.RUNNING if more else BulkChange.State.DONE
    if not more:
        change.finished_at = timezone.now()
        if passed := change.total - change.changed:
            change.reason = _passed_over(passed, change.total)
    change.save(update_fields=["changed", "done", "state", "finished_at", "reason"])
    return more


def _passed_over(count, total):
    whose = "its suite" if count == 1 else "their suites"
    return f"{count:,} of {total:,} cases went meanwhile, or {whose} did."


def _copy(change, items):
    project = change.project
    suites = project.suites.select_for_update(no_key=True, of=("self",)).order_by("pk")
    wanted = {item.case_id: item.before["suite"] for item in items}
    kept = {str(row.pk) for row in suites.filter(pk__in=set(wanted.values()), archived_at=None)}
    there = {case: UUID(suite) for case, suite in wanted.items() if suite in kept}
    sources = project.cases.filter(pk__in=there).only("pk")
    copied = copy_cases(sources, project, by=change.created_by, suites=there)
    done = change.items.filter(pk__in=[item.pk for item in items])
    done.update(version=1)
    done.exclude(case__in=list(copied)).update(outcome=BulkItem.Outcome.GONE)
    return len(copied)
