"""From automation keys to cases: known ones are found, unknown ones are made."""

from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from apps.cases.lifecycle import bring_back_suites, find_or_create_suites
from apps.projects.keys import one_of_many_ids
from apps.projects.lifecycle import take_numbers

from .copying import PATH_SEPARATOR

AMBIGUOUS_NAMED = 20

# One row for each distinct key, and one for each key or case number that has its case.
TESTS = """
CREATE TEMPORARY TABLE test ON COMMIT DROP AS
SELECT DISTINCT ON (key_hash, key) key_hash, key, suite_path,
    coalesce(case_title, title) AS title, ord
FROM incoming WHERE case_number IS NULL ORDER BY key_hash, key, ord;
ANALYZE test (key_hash);
CREATE TEMPORARY TABLE matched (
    key_hash uuid, key text, case_number integer, case_id uuid NOT NULL,
    case_version integer NOT NULL, fits integer NOT NULL, created boolean NOT NULL
) ON COMMIT DROP
"""
NUMBERED_TESTS = """
INSERT INTO matched (case_number, case_id, case_version, fits, created)
SELECT number, id, version, 1, false FROM cases_case
WHERE project_id = %(project)s
    AND number IN (SELECT case_number FROM incoming WHERE case_number IS NOT NULL)
"""
UNKNOWN_NUMBERS = """
DELETE FROM incoming WHERE case_number IS NOT NULL
    AND NOT EXISTS (SELECT FROM matched WHERE matched.case_number = incoming.case_number)
RETURNING ord, case_number
"""
UNMATCHED = """(
    SELECT * FROM test WHERE NOT EXISTS (
        SELECT FROM matched m WHERE m.key_hash = test.key_hash AND m.key = test.key)
)"""
ANY_UNKNOWN = """
SELECT (SELECT count(*) FROM test) > (SELECT count(*) FROM matched WHERE key_hash IS NOT NULL)
"""
OWN_KEYS = """
        SELECT t.key_hash, t.key, c.id, c.version, c.number, c.archived_at
        FROM {tests} t JOIN cases_case c ON c.project_id = %(project)s
            AND c.automation_hash = t.key_hash AND c.automation_key = t.key
            AND c.automation_key <> ''
"""
FORMER_KEYS = """
        SELECT t.key_hash, t.key, c.id, c.version, c.number, c.archived_at
        FROM {tests} t JOIN cases_casealias a ON a.project_id = %(project)s
            AND a.automation_hash = t.key_hash AND a.automation_key = t.key
        JOIN cases_case c ON c.project_id = a.project_id AND c.id = a.case_id
"""
# A key may fit a case's own key and another's former one: the oldest unarchived case gets it.
MATCH = """
INSERT INTO matched (key_hash, key, case_id, case_version, fits, created)
SELECT DISTINCT ON (key_hash, key) key_hash, key, id, version,
    count(*) OVER (PARTITION BY key_hash, key), false
FROM ({candidates}) candidate
ORDER BY key_hash, key, archived_at IS NOT NULL, number
"""
# Ids are taken here, so that no statement has to look up in a large table what it just wrote.
UNKNOWN = f"""
CREATE TEMPORARY TABLE unknown ON COMMIT DROP AS
SELECT *, {one_of_many_ids("place")} AS id
FROM (SELECT t.*, row_number() OVER (ORDER BY t.ord) - 1 AS place FROM {UNMATCHED} t) missing
"""
INSERT_CASES = f"""
CREATE TEMPORARY TABLE place ON COMMIT DROP AS
SELECT given.path, given.suite_id, jsonb_build_object(
    'kind', 'automated', 'status', %(status)s::text, 'priority', 'P2',
    'suite', coalesce(s.path, ''), 'preconditions', '', 'description', '',
    'tags', '[]'::jsonb, 'steps', '[]'::jsonb) AS content
FROM unnest(%(paths)s::text[], %(suites)s::uuid[]) AS given (path, suite_id)
LEFT JOIN cases_suite s ON s.project_id = %(project)s AND s.id = given.suite_id;
INSERT INTO cases_case (id, project_id, number, suite_id, title, kind, status, priority,
    preconditions, description, automation_key, version, has_run, created_by_id, created_at,
    updated_at)
SELECT u.id, %(project)s, %(first)s + u.place, p.suite_id, u.title, 'automated', %(status)s, 'P2',
    '', '', u.key, 1, true, %(by)s, %(now)s, %(now)s
FROM unknown u JOIN place p ON p.path = u.suite_path;
INSERT INTO cases_caseversion (id, project_id, case_id, number, content, created_by_id, created_at)
SELECT {one_of_many_ids("u.place")}, %(project)s, u.id, 1,
    p.content || jsonb_build_object('title', u.title, 'automation_key', u.key), %(by)s, %(now)s
FROM unknown u JOIN place p ON p.path = u.suite_path;
INSERT INTO matched (key_hash, key, case_id, case_version, fits, created)
SELECT key_hash, key, id, 1, 0, true FROM unknown
"""
AMBIGUOUS = """
SELECT m.key, array_agg(c.number ORDER BY c.number) FROM matched m
JOIN cases_case c ON c.project_id = %(project)s AND (
    c.automation_hash = m.key_hash AND c.automation_key = m.key OR c.id IN (
        SELECT case_id FROM cases_casealias a WHERE a.project_id = %(project)s
        AND a.automation_hash = m.key_hash AND a.automation_key = m.key))
WHERE m.fits > 1 GROUP BY m.key ORDER BY m.key LIMIT %(most)s
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
        _match(cursor, project, "test")
        cursor.execute(ANY_UNKNOWN)
        matched.unknown = cursor.fetchone()[0]
    return matched


def make_unknown(project, *, by):
    """Make the cases nobody knows; holds the project's row, so parallel imports make each once.

    Where the project wants a review before a case is ready, they are drafts.
    """
    take_numbers(project, "case", 0)
    with connection.cursor() as cursor:
        _match(cursor, project, UNMATCHED)
        cursor.execute(UNKNOWN)
        count = cursor.rowcount
        if not count:
            return
        cursor.execute("ANALYZE unknown (suite_path)")
        cursor.execute("SELECT DISTINCT suite_path FROM unknown")
        paths = [row[0] for row in cursor.fetchall()]
        suites = find_or_create_suites(
            project, [tuple(path.split(PATH_SEPARATOR)) for path in paths if path]
        )
        bring_back_suites(project, suites.values(), by=by)
        values = {
            "project": project.pk,
            "first": take_numbers(project, "case", count),
            "by": by.pk if by else None,
            "now": timezone.now(),
            "status": "draft" if project.review_required else "ready",
            "paths": paths,
            "suites": [suites.get(tuple(path.split(PATH_SEPARATOR))) for path in paths],
        }
        cursor.execute(INSERT_CASES, values)


def _match(cursor, project, tests):
    """Match the rows of `tests`; former keys are asked for only where the project has any."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM cases_casealias WHERE project_id = %s)", [project.pk]
    )
    candidates = OWN_KEYS
    if cursor.fetchone()[0]:
        candidates += " UNION " + FORMER_KEYS
    match = MATCH.format(candidates=candidates.format(tests=tests))
    cursor.execute(match, {"project": project.pk})
    cursor.execute("ANALYZE matched (key_hash, case_number, case_id)")


def name_ambiguous(project, matched):
    """Say which keys fit more than one case, and which cases those are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM matched WHERE fits > 1")
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
