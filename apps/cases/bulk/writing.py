"""A batch of decisions put down: cases, tags, versions, reviews and items, a statement each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import orjson
from django.db import IntegrityError, connection
from django.utils import timezone

from apps.accounts.models import User
from apps.projects.keys import one_of_many_ids

from ..models import BulkChange, Case, Review
from .deciding import COLUMNS, Decision, Held, content_changes

LOCK = "SELECT id FROM cases_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
# After the lock, in a statement of its own: what is joined to a row that was waited for may be old.
READ = """
SELECT c.id, c.version, c.archived_at, c.status, c.kind, c.priority, c.severity, c.owner_id,
    c.estimate_seconds, c.suite_id, c.custom::text,
    ARRAY(SELECT t.name FROM cases_casetag ct JOIN cases_tag t ON t.id = ct.tag_id
        WHERE ct.case_id = c.id)
FROM cases_case c WHERE c.id = ANY(%s) ORDER BY c.id
"""
TYPES = {
    "status": "text", "kind": "text", "priority": "text", "severity": "text", "owner_id": "bigint",
    "estimate_seconds": "int", "suite_id": "uuid", "custom": "jsonb",
}  # fmt: skip
CASES = """
UPDATE cases_case c SET {columns} version = r.version, updated_at = %(now)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, version int{types})
WHERE c.id = r.id
"""
NEW_TAGS = """
INSERT INTO cases_tag (project_id, name)
SELECT %(project)s, given.tag FROM unnest(%(names)s::text[]) AS given (tag) ORDER BY 2
ON CONFLICT DO NOTHING
"""
TAG = f"""
INSERT INTO cases_casetag (id, project_id, case_id, tag_id)
SELECT {one_of_many_ids()}, %(project)s, r.id, t.id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, added text[])
CROSS JOIN LATERAL unnest(r.added) AS given (tag)
JOIN cases_tag t ON t.project_id = %(project)s AND t.name = given.tag
ON CONFLICT DO NOTHING
"""
UNTAG = """
DELETE FROM cases_casetag ct USING cases_tag t,
    jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, removed text[])
WHERE ct.case_id = r.id AND ct.project_id = %(project)s AND t.id = ct.tag_id
    AND t.name = ANY(r.removed)
"""
VERSIONS = f"""
INSERT INTO cases_caseversion (id, project_id, case_id, number, content, note, created_by_id,
    created_at)
SELECT {one_of_many_ids()}, %(project)s, r.id, r.version,
    (v.content - r.blank) || r.said, %(note)s, %(by)s, %(now)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, version int, said jsonb, blank text[])
JOIN cases_caseversion v ON v.case_id = r.id AND v.number = r.version - 1
"""
NEW_ITEMS = f"""
INSERT INTO cases_bulkitem (id, project_id, change_id, case_id, outcome, before, version)
SELECT {one_of_many_ids()}, %(project)s, %(change)s, r.id, r.outcome, r.before, r.version
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r (id uuid, outcome text, before jsonb, version int)
"""
ITEMS = """
UPDATE cases_bulkitem i SET outcome = r.outcome
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, outcome text)
WHERE i.change_id = %(change)s AND i.case_id = r.id
"""


def hold(ids: Sequence[UUID]) -> list[Held]:
    """These cases as they are now, in the order of their keys; those deleted are passed over."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [ids])
        cursor.execute(READ, [ids])
        return [_held(row) for row in cursor.fetchall()]


def _held(row):
    pk, version, archived_at, *values, custom, tags = row
    says = dict(zip(COLUMNS, values, strict=True))
    says |= {"custom": orjson.loads(custom), "tags": sorted(tags)}
    return Held(pk, version, archived_at is not None, says)


def put_down(
    project,
    held: Iterable[Held],
    decisions: Sequence[Decision],
    *,
    by,
    note: str,
    undoes_since: datetime | None = None,
) -> None:
    """Write those decisions that change a case: its columns and tags, its version, its review.

    With `undoes_since` a review that was ended after that moment goes on where the case returns
    into review.
    """
    changing = [decision for decision in decisions if decision.is_change]
    if not changing:
        return
    was = {case.id: case.says for case in held}
    paths = dict(
        project.suites.filter(pk__in={one.after["suite_id"] for one in changing} - {None})
        .values_list("pk", "path")
    )  # fmt: skip
    emails = _emails({one.after["owner_id"] for one in changing} - {None})
    touched = {name for one in changing for name in one.before}
    rows = [_row(one, was[one.id], touched, paths=paths, emails=emails) for one in changing]
    values = {
        "project": project.pk,
        "by": by.pk if by else None,
        "now": timezone.now(),
        "note": note,
        "rows": _json(rows),
    }
    with connection.cursor() as cursor:
        cursor.execute(_update_of(touched), values)
        _write_tags(cursor, values, changing, was)
        cursor.execute(VERSIONS, values)
        if cursor.rowcount != len(changing):
            raise IntegrityError("A case has no version that its next one could follow.")
    _keep_reviews(project, changing, was, by=by, undoes_since=undoes_since)


def _emails(owners):
    return dict(User.objects.filter(pk__in=owners).values_list("pk", "email")) if owners else {}


def _update_of(touched):
    columns = [name for name in TYPES if name in touched]
    return CASES.format(
        columns="".join(f"{name} = r.{name}, " for name in columns),
        types="".join(f", {name} {TYPES[name]}" for name in columns),
    )


def _row(decision, was, touched, *, paths, emails):
    after = decision.after
    said, blank = content_changes(decision, paths=paths, emails=emails)
    row = {"id": decision.id, "version": decision.version, "said": said, "blank": blank}
    row |= {name: after[name] for name in touched if name != "tags"}
    if "tags" in decision.before:
        row["added"] = sorted({*after["tags"]} - {*was["tags"]})
        row["removed"] = sorted({*was["tags"]} - {*after["tags"]})
    return row


def _write_tags(cursor, values, changing, was):
    """Tags are made after the cases are held, as change_case does: else the two could deadlock."""
    added, removed = set(), set()
    for one in changing:
        before, after = was[one.id]["tags"], one.after["tags"]
        if before != after:
            added |= {*after} - {*before}
            removed |= {*before} - {*after}
    if added:
        cursor.execute(NEW_TAGS, values | {"names": sorted(added)})
        cursor.execute(TAG, values)
    if removed:
        cursor.execute(UNTAG, values)


def _keep_reviews(project, changing, was, *, by, undoes_since):
    """A case in review has one that is open, and no other case has."""
    status = {one.id: (was[one.id]["status"], one.after["status"]) for one in changing}
    in_review = Case.Status.IN_REVIEW
    left = [pk for pk, (old, new) in status.items() if old == in_review and new != in_review]
    come = [one for one in changing if status[one.id][1] == in_review != status[one.id][0]]
    if left:
        Review.objects.filter(case__in=left, state=Review.State.OPEN).update(
            state=Review.State.WITHDRAWN, decided_by=by, decided_at=timezone.now()
        )
    if come and undoes_since:
        ended = Review.objects.filter(
            case__in=[one.id for one in come],
            state=Review.State.WITHDRAWN,
            decided_at__gte=undoes_since,
        )
        last = ended.order_by("case_id", "-id").distinct("case_id")
        Review.objects.filter(pk__in=list(last.values_list("pk", flat=True))).update(
            state=Review.State.OPEN, decided_by=None, decided_at=None
        )
    if come:
        Review.objects.bulk_create(
            (
                Review(project=project, case_id=one.id, version=one.version, asked_by=by)
                for one in come
            ),
            ignore_conflicts=True,
        )


def add_items(change: BulkChange, decisions: Iterable[Decision]) -> None:
    """What became of each case of a batch."""
    rows = [
        {"id": one.id, "outcome": one.outcome, "before": one.before, "version": one.version}
        for one in decisions
    ]
    values = {"rows": _json(rows), "change": change.pk, "project": change.project_id}
    with connection.cursor() as cursor:
        cursor.execute(NEW_ITEMS, values)


def update_items(change: BulkChange, decisions: Iterable[Decision]) -> None:
    """Undoing keeps what there is to put back, and the version that the change had made."""
    rows = [{"id": one.id, "outcome": one.outcome} for one in decisions]
    with connection.cursor() as cursor:
        cursor.execute(ITEMS, {"rows": _json(rows), "change": change.pk})


def _json(rows):
    return orjson.dumps(rows).decode()
