"""From automation keys to cases: known ones are found, unknown ones are made."""

from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from apps.cases.lifecycle import find_or_create_suites
from apps.projects.lifecycle import take_numbers

from .copying import PATH_SEPARATOR

AMBIGUOUS_NAMED = 20

# One row for each distinct test: by its key, or by the number of a case that the result names.
TESTS = """
CREATE TEMPORARY TABLE test (
    key_hash uuid, key text, case_number integer, suite_path text, title text, ord integer,
    case_id uuid, case_version integer, fits integer NOT NULL DEFAULT 0,
    created boolean NOT NULL DEFAULT false
) ON COMMIT DROP;
INSERT INTO test (key_hash, key, suite_path, title, ord)
SELECT DISTINCT ON (key_hash, key) key_hash, key, suite_path, coalesce(case_title, title), ord
FROM incoming WHERE case_number IS NULL ORDER BY key_hash, key, ord;
"""
NUMBERED_TESTS = """
INSERT INTO test (case_number, ord) SELECT case_number, min(ord) FROM incoming
WHERE case_number IS NOT NULL GROUP BY case_number;
UPDATE test SET case_id = c.id, case_version = c.version, fits = 1
FROM cases_case c WHERE c.project_id = %(project)s AND c.number = test.case_number;
"""
UNKNOWN_NUMBERS = """
DELETE FROM incoming USING test
WHERE incoming.case_number = test.case_number AND test.case_id IS NULL
RETURNING incoming.ord, incoming.case_number
"""
OWN_KEYS = """
        SELECT t.key_hash, t.key, c.id, c.version, c.number, c.archived_at
        FROM test t JOIN cases_case c ON c.project_id = %(project)s
            AND c.automation_hash = t.key_hash AND c.automation_key = t.key
            AND c.automation_key <> ''
        WHERE t.case_id IS NULL AND t.key_hash IS NOT NULL
"""
FORMER_KEYS = """
        SELECT t.key_hash, t.key, c.id, c.version, c.number, c.archived_at
        FROM test t JOIN cases_casealias a ON a.project_id = %(project)s
            AND a.automation_hash = t.key_hash AND a.automation_key = t.key
        JOIN cases_case c ON c.project_id = a.project_id AND c.id = a.case_id
        WHERE t.case_id IS NULL AND t.key_hash IS NOT NULL
"""
# A key may fit a case's own key and another's former one: the oldest unarchived case gets it.
MATCH = """
UPDATE test SET case_id = found.id, case_version = found.version, fits = found.fits
FROM (
    SELECT DISTINCT ON (key_hash, key) key_hash, key, id, version,
        count(*) OVER (PARTITION BY key_hash, key)::integer AS fits
    FROM ({candidates}) candidate
    ORDER BY key_hash, key, archived_at IS NOT NULL, number
) found
WHERE test.key_hash = found.key_hash AND test.key = found.key AND test.case_id IS NULL
"""
# Ids are taken here, so that no statement has to look up in a large table what it just wrote.
MADE = """
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT t.key_hash, t.key, uuidv7() AS id, t.title, place.id AS suite_id,
    %(first)s + row_number() OVER (ORDER BY t.ord) - 1 AS number
FROM test t LEFT JOIN unnest(%(paths)s::text[], %(suites)s::uuid[]) AS place (path, id)
    ON place.path = t.suite_path
WHERE t.case_id IS NULL;
ANALYZE made (key_hash)
"""
INSERT_CASES = """
INSERT INTO cases_case (id, project_id, number, suite_id, title, kind, status, priority,
    preconditions, description, automation_key, version, created_by_id, created_at, updated_at)
SELECT id, %(project)s, number, suite_id, title, 'automated', 'ready', 'P2', '', '', key, 1,
    %(by)s, %(now)s, %(now)s
FROM made ORDER BY number;
INSERT INTO cases_caseversion (project_id, case_id, number, content, created_by_id, created_at)
SELECT %(project)s, made.id, 1, jsonb_build_object(
    'title', title, 'kind', 'automated', 'status', 'ready', 'priority', 'P2',
    'suite', coalesce(s.path, ''), 'preconditions', '', 'description', '',
    'automation_key', key, 'tags', '[]'::jsonb, 'steps', '[]'::jsonb
), %(by)s, %(now)s
FROM made LEFT JOIN cases_suite s ON s.project_id = %(project)s AND s.id = made.suite_id
ORDER BY made.number;
UPDATE test SET case_id = made.id, case_version = 1, created = true
FROM made WHERE test.key_hash = made.key_hash AND test.key = made.key AND test.case_id IS NULL
"""
AMBIGUOUS = """
SELECT t.key, array_agg(c.number ORDER BY c.number) FROM test t
JOIN cases_case c ON c.project_id = %(project)s AND (
    c.automation_hash = t.key_hash AND c.automation_key = t.key OR c.id IN (
        SELECT case_id FROM cases_casealias a WHERE a.project_id = %(project)s
        AND a.automation_hash = t.key_hash AND a.automation_key = t.key))
WHERE t.fits > 1 GROUP BY t.key ORDER BY t.key LIMIT %(most)s
"""


@dataclass
class Matched:
    """How the distinct tests of an upload found their cases."""

    unknown: bool = False
    refused: list[dict] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def match_known(project, *, explicit_cases) -> Matched:
    """Find the cases that are there; takes no lock. `unknown` says that some are to be made."""
    matched = Matched()
    with connection.cursor() as cursor:
        cursor.execute(TESTS)
        if explicit_cases:
            cursor.execute(NUMBERED_TESTS, {"project": project.pk})
            cursor.execute(UNKNOWN_NUMBERS)
            matched.refused = [
                {"index": ord_, "reason": f"There is no case {project.key}-{number}."}
                for ord_, number in cursor.fetchall()
            ]
            cursor.execute("DELETE FROM test WHERE case_number IS NOT NULL AND case_id IS NULL")
        cursor.execute("ANALYZE test (key_hash, case_id, ord)")
        _match(cursor, project)
        cursor.execute("SELECT EXISTS (SELECT FROM test WHERE case_id IS NULL)")
        matched.unknown = cursor.fetchone()[0]
    return matched


def make_unknown(project, *, by):
    """Make the cases nobody knows; holds the project's row, so parallel imports make each once."""
    take_numbers(project, "case", 0)
    with connection.cursor() as cursor:
        _match(cursor, project)
        cursor.execute("SELECT count(*) FROM test WHERE case_id IS NULL")
        count = cursor.fetchone()[0]
        if not count:
            return
        cursor.execute("SELECT DISTINCT suite_path FROM test WHERE case_id IS NULL")
        paths = [row[0] for row in cursor.fetchall() if row[0]]
        suites = find_or_create_suites(
            project, [tuple(path.split(PATH_SEPARATOR)) for path in paths]
        )
        values = {
            "project": project.pk,
            "first": take_numbers(project, "case", count),
            "by": by.pk if by else None,
            "now": timezone.now(),
            "paths": paths,
            "suites": [suites[tuple(path.split(PATH_SEPARATOR))] for path in paths],
        }
        cursor.execute(MADE, values)
        cursor.execute(INSERT_CASES, values)


def _match(cursor, project):
    """Former keys are asked for only where the project has any."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM cases_casealias WHERE project_id = %s)", [project.pk]
    )
    candidates = OWN_KEYS
    if cursor.fetchone()[0]:
        candidates += " UNION " + FORMER_KEYS
    cursor.execute(MATCH.format(candidates=candidates), {"project": project.pk})


def name_ambiguous(project, matched):
    """Say which keys fit more than one case, and which cases those are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM test WHERE fits > 1")
        count = cursor.fetchone()[0]
        if not count:
            return
        cursor.execute(AMBIGUOUS, {"project": project.pk, "most": AMBIGUOUS_NAMED})
        for key, numbers in cursor.fetchall():
            cases = " and ".join(f"{project.key}-{number}" for number in numbers)
            matched.warnings.append(
                f"{key} fits {cases}; the oldest of them that is not archived got the result."
            )
    if count > AMBIGUOUS_NAMED:
        matched.warnings.append(f"{count - AMBIGUOUS_NAMED} more keys fit several cases.")
