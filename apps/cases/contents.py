"""What many cases say, read by one statement; content_of tells the same of one."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from .content import LATER, PLAIN, assembled

JSON = ("links", "requirements", "custom")
READ = f"""
SELECT c.id, c.number, c.version, c.archived_at IS NOT NULL, c.owner_id, c.suite_id,
    coalesce(s.path, ''), coalesce(u.email, ''),
    ARRAY(SELECT t.name FROM cases_casetag ct JOIN cases_tag t ON t.id = ct.tag_id
        WHERE ct.case_id = c.id),
    ARRAY(SELECT a.automation_key FROM cases_casealias a WHERE a.case_id = c.id),
    (SELECT jsonb_agg(CASE WHEN h.id IS NULL
            THEN jsonb_build_object('action', t.action, 'expected', t.expected, 'data', t.data)
            ELSE jsonb_build_object('shared', h.id, 'title', h.title, 'steps', h.steps)
        END ORDER BY t.position)::text
        FROM cases_casestep t LEFT JOIN cases_sharedsteps h ON h.id = t.shared_id
        WHERE t.case_id = c.id),
    {", ".join(f"c.{name}" for name in PLAIN)},
    {", ".join(f"c.{name}::text" if name in JSON else f"c.{name}" for name in LATER)}
FROM cases_case c LEFT JOIN cases_suite s ON s.id = c.suite_id
LEFT JOIN accounts_user u ON u.id = c.owner_id
WHERE c.id = ANY(%s) ORDER BY c.id
"""


@dataclass(frozen=True)
class Known:
    """A case as it is now, with its whole content."""

    id: UUID
    number: int
    version: int
    is_archived: bool
    owner: int | None
    suite: UUID | None
    content: dict[str, Any]


def contents_of(ids: Iterable[UUID]) -> dict[UUID, Known]:
    """{id: the case} of those that are there, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(READ, [list(ids)])
        return {row[0]: _known(row) for row in cursor.fetchall()}


def _known(row):
    told, path, email, tags, keys, steps, values = *[row[:6]], *row[6:11], row[11:]
    says = dict(zip([*PLAIN, *LATER], values, strict=True))
    says |= {name: json.loads(says[name]) for name in JSON}
    says |= {"suite": path, "owner": email, "tags": sorted(tags), "aliases": sorted(keys)}
    says["steps"] = json.loads(steps) if steps else []
    return Known(*told, assembled(says))
