"""Cases, steps, tags and versions of a batch, written by few statements whatever their number."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from apps.projects.keys import many_ids, one_of_many_ids
from apps.projects.lifecycle import take_numbers

from ..content import STEP_KEYS, searched_text
from ..models import Case, Tag
from .drafts import Plan
from .wanted import Draft

CASE_COLUMNS = {
    "id": "uuid", "suite_id": "uuid", "title": "text", "kind": "varchar", "status": "varchar",
    "priority": "varchar", "severity": "varchar", "owner_id": "int8", "estimate_seconds": "int4",
    "preconditions": "text", "description": "text", "links": "jsonb", "requirements": "jsonb",
    "custom": "jsonb", "steps_text": "text", "automation_key": "text", "version": "int4",
    "archived_at": "timestamptz", "updated_at": "timestamptz",
}  # fmt: skip
MADE_COLUMNS = {
    "project_id": "int8", "number": "int4", "created_by_id": "int8", "created_at": "timestamptz",
}  # fmt: skip
STEP_COLUMNS = {
    "case_id": "uuid", "position": "int4", "shared_id": "uuid", "action": "text",
    "expected": "text", "data": "text",
}  # fmt: skip
TEMPORARY = """
DROP TABLE IF EXISTS pg_temp.incoming_case, pg_temp.incoming_step;
CREATE TEMPORARY TABLE incoming_case ({cases}) ON COMMIT DROP;
CREATE TEMPORARY TABLE incoming_step ({steps}) ON COMMIT DROP
"""
CHANGE_CASES = """
UPDATE cases_case c SET {columns}
FROM incoming_case i WHERE c.project_id = %(project)s AND c.id = i.id
"""
# Steps keep their rows by place, as they do when a case is saved by hand.
CHANGE_STEPS = f"""
UPDATE cases_casestep s
SET shared_id = i.shared_id, action = i.action, expected = i.expected, data = i.data
FROM incoming_step i
WHERE s.project_id = %(project)s AND s.case_id = i.case_id AND s.position = i.position
    AND (s.shared_id, s.action, s.expected, s.data)
        IS DISTINCT FROM (i.shared_id, i.action, i.expected, i.data);
DELETE FROM cases_casestep s USING unnest(%(cases)s::uuid[]) AS changed (id)
WHERE s.project_id = %(project)s AND s.case_id = changed.id AND NOT EXISTS (
    SELECT FROM incoming_step i WHERE i.case_id = s.case_id AND i.position = s.position);
INSERT INTO cases_casestep (id, project_id, case_id, position, shared_id, action, expected, data)
SELECT {one_of_many_ids()}, %(project)s, i.case_id, i.position, i.shared_id, i.action, i.expected,
    i.data
FROM incoming_step i WHERE NOT EXISTS (
    SELECT FROM cases_casestep s WHERE s.project_id = %(project)s AND s.case_id = i.case_id
        AND s.position = i.position)
"""
ORIGINS = f"""
INSERT INTO cases_caseorigin (id, project_id, case_id, source, external_id)
SELECT {one_of_many_ids()}, %s, id, source, external
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS given (id, source, external)
ON CONFLICT DO NOTHING
"""


@dataclass
class Change:
    """A case to be written: its id, what it said (nothing, if it is new) and what it shall say."""

    draft: Draft
    content: dict[str, Any]
    suite: UUID | None
    before: dict[str, Any] | None = None
    id: UUID | None = None
    number: int = 0
    version: int = 1
    owner: int | None = None
    origin: tuple[str, str] | None = None

    @property
    def is_new(self) -> bool:
        return self.before is None

    def differs(self, name: str) -> bool:
        return self.is_new or self.before.get(name) != self.content.get(name)


class Writer:
    """Writes changes within the caller's transaction, who holds the project and the cases."""

    def __init__(self, project, *, by, note: str, plan: Plan):
        self.project, self.by, self.note, self.plan = project, by, note, plan
        self.now = timezone.now()

    def write(self, changes: list[Change]) -> None:
        new = [change for change in changes if change.is_new]
        old = [change for change in changes if not change.is_new]
        if new:
            self._name(new)
            rows = [self._case_row(change) | self._made(change) for change in new]
            copy("cases_case", CASE_COLUMNS | MADE_COLUMNS, rows)
            steps = [step | {"project_id": self.project.pk} for step in self._steps(new)]
            insert("cases_casestep", STEP_COLUMNS | {"project_id": "int8"}, steps)
        if old:
            self._change(old)
        self._write_tags([change for change in changes if change.differs("tags")])
        self._write_aliases([change for change in changes if change.differs("aliases")])
        self._write_versions(changes)
        self._write_reviews(changes)
        self.write_origins(changes)

    def _name(self, new):
        """Ids and numbers; the project's row is held already."""
        ids = many_ids(len(new))
        first = take_numbers(self.project, "case", len(new))
        for place, (change, id) in enumerate(zip(new, ids, strict=True)):
            change.id, change.number = id, first + place

    def _case_row(self, change) -> dict[str, Any]:
        content = change.content
        owner = self.plan.people.get(content.get("owner", "").lower())
        archived = self.now if change.draft.archived and change.is_new else None
        return {
            "id": change.id,
            "suite_id": change.suite,
            **{name: content[name] for name in ("title", "kind", "status", "priority")},
            "severity": content.get("severity", Case.Severity.NORMAL.value),
            "owner_id": (owner and owner.pk) if change.differs("owner") else change.owner,
            "estimate_seconds": content.get("estimate_seconds"),
            "preconditions": content["preconditions"],
            "description": content["description"],
            "links": jsonb(content.get("links", [])),
            "requirements": jsonb(content.get("requirements", [])),
            "custom": jsonb(content.get("custom", {})),
            "steps_text": searched_text(content["steps"]),
            "automation_key": content["automation_key"],
            "version": change.version,
            "archived_at": archived,
            "updated_at": self.now,
        }

    def _made(self, change):
        return {
            "project_id": self.project.pk,
            "number": change.number,
            "created_by_id": self.by.pk if self.by else None,
            "created_at": self.now,
        }

    def _steps(self, changes) -> Iterable[dict[str, Any]]:
        for change in changes:
            for position, step in enumerate(change.content["steps"], 1):
                shared = UUID(step["shared"]) if step.get("shared") else None
                texts = {key: "" if shared else step.get(key, "") for key in STEP_KEYS}
                yield {"case_id": change.id, "position": position, "shared_id": shared} | texts

    def _change(self, old):
        with connection.cursor() as cursor:
            cursor.execute(
                TEMPORARY.format(cases=_declared(CASE_COLUMNS), steps=_declared(STEP_COLUMNS))
            )
            copy("incoming_case", CASE_COLUMNS, [self._case_row(change) for change in old])
            names = [name for name in CASE_COLUMNS if name not in ("id", "archived_at")]
            columns = ", ".join(f"{name} = i.{name}" for name in names)
            values = {"project": self.project.pk}
            cursor.execute(CHANGE_CASES.format(columns=columns), values)
            stepped = [change for change in old if change.differs("steps")]
            if stepped:
                copy("incoming_step", STEP_COLUMNS, self._steps(stepped))
                values["cases"] = [change.id for change in stepped]
                for statement in CHANGE_STEPS.split(";"):
                    cursor.execute(statement, values)

    def _write_tags(self, changes):
        names = {name for change in changes for name in change.content["tags"]}
        project = self.project
        Tag.objects.bulk_create(
            (Tag(project=project, name=name) for name in sorted(names)), ignore_conflicts=True
        )
        ids = dict(project.tags.filter(name__in=names).values_list("name", "id"))
        old = [change.id for change in changes if not change.is_new]
        project.casetags.filter(case__in=old).delete()
        rows = [
            {"project_id": project.pk, "case_id": change.id, "tag_id": ids[name]}
            for change in changes
            for name in change.content["tags"]
        ]
        insert("cases_casetag", {"project_id": "int8", "case_id": "uuid", "tag_id": "uuid"}, rows)

    def _write_aliases(self, changes):
        old = [change.id for change in changes if not change.is_new]
        if old:
            self.project.case_aliases.filter(case__in=old).delete()
        rows = [
            {"project_id": self.project.pk, "case_id": change.id, "automation_key": key}
            for change in changes
            for key in change.content.get("aliases", [])
        ]
        types = {"project_id": "int8", "case_id": "uuid", "automation_key": "text"}
        insert("cases_casealias", types, rows)

    def _write_versions(self, changes):
        types = {
            "project_id": "int8", "case_id": "uuid", "number": "int4", "content": "jsonb",
            "note": "text", "created_by_id": "int8", "created_at": "timestamptz",
        }  # fmt: skip
        rows = (
            {
                "project_id": self.project.pk,
                "case_id": change.id,
                "number": change.version,
                "content": jsonb(change.content),
                "note": self.note,
                "created_by_id": self.by.pk if self.by else None,
                "created_at": self.now,
            }
            for change in changes
        )
        insert("cases_caseversion", types, rows)

    def _write_reviews(self, changes):
        """A case that is in review now has an open one; one that is no more has none."""
        in_review = Case.Status.IN_REVIEW
        left = [
            change.id
            for change in changes
            if not change.is_new
            and change.before["status"] == in_review
            and change.content["status"] != in_review
        ]
        if left:
            self.project.reviews.filter(case__in=left, state="open").update(
                state="withdrawn", decided_by=self.by, decided_at=self.now
            )
        types = {
            "project_id": "int8", "case_id": "uuid", "version": "int4", "state": "varchar",
            "note": "text", "asked_by_id": "int8", "asked_at": "timestamptz",
        }  # fmt: skip
        rows = (
            {
                "project_id": self.project.pk,
                "case_id": change.id,
                "version": change.version,
                "state": "open",
                "note": "",
                "asked_by_id": self.by.pk if self.by else None,
                "asked_at": self.now,
            }
            for change in changes
            if change.content["status"] == in_review
            and (change.is_new or change.before["status"] != in_review)
        )
        insert("cases_review", types, rows)

    def write_origins(self, changes: Iterable[Change]) -> None:
        """Remember ids of the other tool that are not known yet."""
        rows = [(change.origin, change.id) for change in changes if change.origin]
        if not rows:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                ORIGINS,
                [
                    self.project.pk,
                    [id for _, id in rows],
                    [origin[0] for origin, _ in rows],
                    [origin[1] for origin, _ in rows],
                ],
            )


def jsonb(value: Any) -> Jsonb:
    return Jsonb(value, dumps=orjson.dumps)


def insert(table: str, types: dict[str, str], rows: Iterable[dict[str, Any]]) -> None:
    """COPY new rows, which get their ids here."""
    rows = list(rows)
    if rows:
        ids = many_ids(len(rows))
        with_ids = ({"id": id} | row for id, row in zip(ids, rows, strict=True))
        copy(table, {"id": "uuid"} | types, with_ids)


def copy(table: str, types: dict[str, str], rows: Iterable[dict[str, Any]]) -> None:
    """COPY rows, given by column, into a table."""
    columns = list(types)
    with connection.cursor() as cursor:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(statement) as stream:
            stream.set_types(list(types.values()))
            for row in rows:
                stream.write_row([row[column] for column in columns])


def _declared(types):
    return ", ".join(f"{name} {kind}" for name, kind in types.items())
