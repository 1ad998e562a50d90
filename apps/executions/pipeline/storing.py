"""From cases to executions: instances, tries, texts, new failures and the run's counters.

Everything here happens with the run's row locked, in a number of statements that does not grow
with the results. Rows touched carry the run's next `seq`.
"""

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from apps.artifacts.lifecycle import store_text
from apps.cases import ran
from apps.projects.keys import one_of_many_ids

from .newness import MARK_INCOMING

LOOKUPS_PER_RESULT = 100

ARRIVED = """(
    SELECT i.ord, i.base, i.attempt, i.retry, m.case_id, m.case_version
    FROM incoming i JOIN matched m ON m.key_hash = i.key_hash AND m.key = i.key
    WHERE i.case_number IS NULL
    UNION ALL
    SELECT i.ord, i.base, i.attempt, i.retry, m.case_id, m.case_version
    FROM incoming i JOIN matched m ON m.case_number = i.case_number
    WHERE i.case_number IS NOT NULL
) arrived"""
# Ids are taken in the order of arrival, in which people see the executions.
# `instance` counts the appearances of an identity in this upload that nothing marks as tries;
# the last row of an instance counts, those before it are earlier tries.
PLACED = f"""
CREATE TEMPORARY TABLE placed ON COMMIT DROP AS
WITH signed AS (
    SELECT *, %(tries)s OR retry
        OR coalesce(attempt > lag(coalesce(attempt, 1)) OVER identity, false) AS again
    FROM {ARRIVED} WINDOW identity AS (PARTITION BY case_id, base ORDER BY ord)
), counted AS (
    SELECT *, (count(*) FILTER (WHERE NOT again) OVER identity
        + CASE WHEN first_value(again) OVER identity THEN 1 ELSE 0 END)::integer AS instance
    FROM signed WINDOW identity AS (PARTITION BY case_id, base ORDER BY ord)
)
SELECT ord, base, case_id, case_version, instance, attempt,
    ord = max(ord) OVER chain AS counts,
    first_value(attempt) OVER (PARTITION BY case_id, base, instance ORDER BY ord) AS first_attempt,
    first_value(id) OVER (PARTITION BY case_id, base, instance ORDER BY ord) AS execution_id,
    true AS fresh, false AS repeated, 0 AS former_tries, false AS former_failed,
    0 AS tries, false AS failed_before, false AS new_failure, false AS first_seen
FROM (SELECT *, {one_of_many_ids("ord")} AS id FROM counted) AS counted
WINDOW chain AS (PARTITION BY case_id, base, instance)
"""
# The same where no identity appears twice, which spares the sorting.
REPEATS = """
SELECT EXISTS (
    SELECT FROM matched GROUP BY case_id HAVING count(*) > 1
) OR EXISTS (
    SELECT FROM incoming GROUP BY key_hash, case_number, base HAVING count(*) > 1
)
"""
PLACED_ONCE = f"""
CREATE TEMPORARY TABLE placed ON COMMIT DROP AS
SELECT ord, base, case_id, case_version, 1 AS instance, attempt, true AS counts,
    attempt AS first_attempt, {one_of_many_ids("ord")} AS execution_id, true AS fresh,
    false AS repeated, 0 AS former_tries, false AS former_failed, 0 AS tries,
    false AS failed_before, false AS new_failure, false AS first_seen
FROM {ARRIVED}
"""
# What the run holds already of the same tests. `ci_attempt` is what the earlier import said of
# itself, which the number of a try outgrows where the dialect tells of tries too.
MET = """
CREATE TEMPORARY TABLE met ON COMMIT DROP AS
SELECT e.id, e.case_id, substring(e.variant FOR
        CASE WHEN octet_length(e.variant) >= 32 THEN 32 ELSE 0 END) AS base,
    e.instance, e.attempt, e.tries, e.status, e.flaky, e.new_failure, e.verdict, e.duration_ms,
    e.message, e.trace, e.shard, e.state IN ('queued', 'running') AS waiting,
    coalesce((s.fields ->> 'attempt')::integer, 1) AS ci_attempt,
    e.verdict IN ('failed', 'error') OR e.tries > 1 AND EXISTS (
        SELECT FROM executions_attempt a WHERE a.run_id = e.run_id AND a.execution_id = e.id
            AND a.verdict IN ('failed', 'error')) AS failed
FROM (SELECT DISTINCT case_id FROM placed) AS wanted
JOIN executions_execution e ON e.run_id = %(run)s AND e.case_id = wanted.case_id
LEFT JOIN executions_import s ON s.id = e.source_id
"""
# A shard meets what it brought itself first, and what others brought only with a higher attempt;
# a planned execution waits for its first result from anywhere.
MEET = """
WITH reachable AS (
    SELECT *, waiting OR %(tries)s OR %(shard)s::smallint IS NULL
        OR coalesce(shard = %(shard)s, false) AS own
    FROM met
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY case_id, base ORDER BY own DESC, instance) AS place
    FROM reachable
), chain AS (
    SELECT case_id, base, instance, max(ord) AS ord, count(*) = 1 AS alone,
        min(first_attempt) AS first_attempt
    FROM placed GROUP BY case_id, base, instance
), decided AS (
    SELECT chain.case_id, chain.base, chain.instance, r.id, r.waiting, r.tries, r.failed,
        (%(shard_again)s OR coalesce(chain.first_attempt = r.attempt, false))
            AND chain.alone AND r.own AND NOT r.waiting AND r.verdict = i.verdict
            AND r.duration_ms IS NOT DISTINCT FROM i.duration_ms
            AND r.message = i.message AND r.trace = i.trace AS same,
        %(tries)s OR %(shard_again)s AND r.own
            OR coalesce(chain.first_attempt > r.attempt, false)
            OR coalesce(%(attempt)s::integer > r.ci_attempt, false) AS again
    FROM chain
    JOIN ranked r ON r.case_id = chain.case_id AND r.base = chain.base AND r.place = chain.instance
    JOIN incoming i ON i.ord = chain.ord
)
UPDATE placed SET execution_id = d.id, fresh = false, repeated = d.same,
    former_tries = CASE WHEN d.waiting THEN 0 ELSE d.tries END,
    former_failed = NOT d.waiting AND d.failed
FROM decided d
WHERE placed.case_id = d.case_id AND placed.base = d.base AND placed.instance = d.instance
    AND (d.waiting OR d.again OR d.same)
"""
# A further instance is numbered after those that the run holds.
SHIFT = """
UPDATE placed SET instance = held.most + new.place
FROM (
    SELECT case_id, base, instance,
        dense_rank() OVER (PARTITION BY case_id, base ORDER BY instance) AS place
    FROM placed WHERE fresh
) new JOIN (
    SELECT case_id, base, max(instance) AS most FROM met GROUP BY case_id, base
) held USING (case_id, base)
WHERE placed.fresh AND placed.case_id = new.case_id AND placed.base = new.base
    AND placed.instance = new.instance
"""
# Tries within the upload: a row's own earlier tries (as the dialect gives them) come before it.
EARLIER = """
CREATE TEMPORARY TABLE earlier ON COMMIT DROP AS
SELECT p.execution_id, p.former_tries, p.ord, t.position, t.verdict, t.duration_ms,
    NULL::timestamptz AS started_at, t.message, t.trace, t.output
FROM placed p JOIN incoming_try t USING (ord) WHERE NOT p.repeated
UNION ALL
SELECT p.execution_id, p.former_tries, p.ord, 2147483647, i.verdict, i.duration_ms, i.started_at,
    i.message, i.trace, i.output
FROM placed p JOIN incoming i USING (ord) WHERE NOT p.counts AND NOT p.repeated;
UPDATE placed SET tries = e.tries, failed_before = e.failed
FROM (
    SELECT execution_id, count(*) AS tries, bool_or(verdict IN ('failed', 'error')) AS failed
    FROM earlier GROUP BY execution_id
) e WHERE e.execution_id = placed.execution_id
"""
INSERT = """
INSERT INTO executions_execution (id, project_id, run_id, case_id, case_version, variant,
    variant_label, instance, title, state, verdict, flaky, new_failure, first_seen, attempt,
    tries, shard, duration_ms, started_at, finished_at, message, trace, output, parameters,
    properties, planned, actual_result, note, source_id, seq)
SELECT p.execution_id, %(project)s, %(run)s, p.case_id, p.case_version,
    CASE WHEN p.instance > 1 THEN p.base || int4send(p.instance) ELSE p.base END,
    CASE WHEN p.instance > 1 THEN concat_ws(' · ', nullif(i.label, ''), '#' || p.instance)
        ELSE i.label END,
    p.instance, i.title, 'finished', i.verdict, p.failed_before AND i.verdict = 'passed',
    p.new_failure, p.first_seen, greatest(i.attempt, p.tries + 1), p.tries + 1, %(shard)s,
    i.duration_ms, i.started_at,
    greatest(%(now)s, i.started_at), i.message, i.trace, i.output, i.parameters::jsonb,
    i.properties::jsonb, false, '', '', %(source)s, %(seq)s
FROM placed p JOIN incoming i USING (ord)
WHERE p.counts AND p.fresh
"""
KEEP_FORMER = """
INSERT INTO executions_attempt (project_id, run_id, execution_id, number, verdict, duration_ms,
    started_at, message, trace, output, source_id)
SELECT e.project_id, e.run_id, e.id, e.tries, e.verdict, e.duration_ms, e.started_at, e.message,
    e.trace, e.output, e.source_id
FROM placed p JOIN executions_execution e ON e.run_id = %(run)s AND e.id = p.execution_id
WHERE p.counts AND p.former_tries > 0 AND NOT p.repeated
"""
REPLACE = """
UPDATE executions_execution e SET state = 'finished', verdict = i.verdict,
    flaky = (p.failed_before OR p.former_failed) AND i.verdict = 'passed',
    new_failure = p.new_failure, first_seen = p.first_seen, title = i.title,
    attempt = greatest(i.attempt, p.former_tries + p.tries + 1),
    tries = p.former_tries + p.tries + 1, shard = coalesce(%(shard)s, e.shard),
    duration_ms = i.duration_ms, started_at = i.started_at,
    finished_at = greatest(%(now)s, i.started_at), message = i.message, trace = i.trace,
    output = i.output, parameters = i.parameters::jsonb, properties = i.properties::jsonb,
    source_id = %(source)s, seq = %(seq)s
FROM placed p JOIN incoming i USING (ord)
WHERE e.run_id = %(run)s AND e.id = p.execution_id AND p.counts AND NOT p.fresh AND NOT p.repeated
"""
KEEP_EARLIER = """
INSERT INTO executions_attempt (project_id, run_id, execution_id, number, verdict, duration_ms,
    started_at, message, trace, output, source_id)
SELECT %(project)s, %(run)s, execution_id,
    former_tries + row_number() OVER (PARTITION BY execution_id ORDER BY ord, position),
    verdict, duration_ms, started_at, message, trace, output, %(source)s
FROM earlier
"""
MARK_FLAKY = """
UPDATE executions_execution e SET flaky = true
WHERE e.run_id = %(run)s AND e.seq = %(seq)s AND e.verdict = 'passed' AND e.tries > 1
    AND EXISTS (SELECT FROM executions_attempt a WHERE a.run_id = e.run_id
        AND a.execution_id = e.id AND a.verdict IN ('failed', 'error'))
"""
TALLY = """
SELECT count(*), count(*) FILTER (WHERE status = 'passed'),
    count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'error'),
    count(*) FILTER (WHERE status = 'skipped'), count(*) FILTER (WHERE status = 'blocked'),
    count(*) FILTER (WHERE status IN ('queued', 'running', 'aborted')),
    count(*) FILTER (WHERE flaky), count(*) FILTER (WHERE new_failure)
"""
TALLIED = "total passed failed error skipped blocked pending flaky new_failures".split()
RECEIPT = """
SELECT count(*) FILTER (WHERE counts AND NOT repeated),
    count(*) FILTER (WHERE NOT counts AND NOT repeated), count(*) FILTER (WHERE repeated),
    count(*) FILTER (WHERE counts AND fresh AND instance > 1),
    count(DISTINCT case_id) FILTER (WHERE counts AND NOT repeated)
FROM placed
"""
TESTS_OF_RECEIPT = """
SELECT count(*) FILTER (WHERE NOT created AND fits <= 1), count(*) FILTER (WHERE created),
    count(*) FILTER (WHERE fits > 1)
FROM (
    SELECT m.case_id, bool_or(m.created) AS created, max(m.fits) AS fits FROM matched m
    WHERE EXISTS (SELECT FROM placed p WHERE p.case_id = m.case_id AND p.counts AND NOT p.repeated)
    GROUP BY m.case_id
) distinct_test
"""


@dataclass
class Stored:
    """What became of the results, in the receipt's words."""

    stored: int = 0
    attempts: int = 0
    repeated: int = 0
    further_instances: int = 0
    distinct_tests: int = 0
    matched: int = 0
    created_cases: int = 0
    ambiguous: int = 0
    new_failures: int = 0


def store(run, source, *, shard, shard_again, attempt, tries) -> Stored:
    """Write what was copied and matched into the locked run, and move its counters.

    `attempt` is that of the whole upload.
    `shard_again`: this shard of the run was there before, so everything in it is a further try.
    `tries`: the same test again means a try (repeats=tries).
    """
    values = {
        "project": run.project_id,
        "run": run.pk,
        "source": source.pk,
        "shard": shard,
        "shard_again": shard_again,
        "attempt": attempt,
        "tries": tries,
        "seq": run.seq + 1,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        look_up_keys_by_id(cursor)
        cursor.execute(REPEATS)
        cursor.execute(PLACED if cursor.fetchone()[0] else PLACED_ONCE, values)
        cursor.execute("ANALYZE placed (ord, case_id, base, execution_id)")
        before = dict.fromkeys(TALLIED, 0)
        if run.total:
            _prefer_whole_scans(cursor, run)
            before = _meet_what_is_there(cursor, values)
        if _has_earlier_tries(cursor):
            cursor.execute(EARLIER)
            cursor.execute(KEEP_EARLIER, values)
        # Histories are looked up one by one, by the case.
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute(MARK_INCOMING, values)
        if run.total:
            _prefer_whole_scans(cursor, run)
            cursor.execute(KEEP_FORMER, values)
            cursor.execute(REPLACE, values)
            cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute(INSERT, values)
        after = tally(
            cursor, "executions_execution WHERE run_id = %(run)s AND seq = %(seq)s", values
        )
        ran.mark_all(cursor, "SELECT case_id FROM placed WHERE counts AND NOT repeated")
        stored = _account(cursor)
    for name in TALLIED:
        setattr(run, name, getattr(run, name) + after[name] - before[name])
    run.seq += 1
    stored.new_failures = after["new_failures"]
    return stored


def look_up_keys_by_id(cursor):
    """Have the checks of foreign keys at the commit planned without the run's own statistics.

    These know nothing of a run stored moments ago. It is then taken for a single row, and each of
    many tries would be checked by a walk through all of the run: minutes instead of a second.
    """
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")


def tally(cursor, rows, values) -> dict[str, int]:
    """Counts of the executions that `rows` (a FROM clause) names."""
    cursor.execute(f"{TALLY} FROM {rows}", values)
    return dict(zip(TALLIED, cursor.fetchone(), strict=True))


def store_long_texts(run, spill, *, by):
    """Keep the whole of each text that was too long for its row, as a file of the execution."""
    project = run.project
    with connection.cursor() as cursor:
        for ord_, kind, text in spill:
            cursor.execute(
                "SELECT execution_id FROM placed WHERE ord = %s AND NOT repeated", [ord_]
            )
            row = cursor.fetchone()
            if row is None:
                continue
            artifact = store_text(project, text, by=by, name=f"{kind}.txt")
            run.executionartifacts.create(
                project=project, run=run, execution_id=row[0], artifact=artifact
            )


def _meet_what_is_there(cursor, values):
    """Give each result its execution of the run, if it has one; returns how those counted."""
    cursor.execute(MET, values)
    cursor.execute(MEET, values)
    cursor.execute(SHIFT)
    return tally(
        cursor,
        "met WHERE EXISTS (SELECT FROM placed p WHERE p.execution_id = met.id AND NOT p.repeated)",
        values,
    )


def _prefer_whole_scans(cursor, run):
    """Read the run's executions once rather than look each result up.

    Statistics lag behind a run that was stored moments ago, and the planner would then look up
    each result by the run alone, which takes minutes.
    """
    cursor.execute("SELECT count(*) FROM placed")
    if run.total < LOOKUPS_PER_RESULT * cursor.fetchone()[0]:
        cursor.execute("SET LOCAL enable_nestloop = off")


def _has_earlier_tries(cursor):
    cursor.execute(
        "SELECT EXISTS (SELECT FROM incoming_try) OR EXISTS (SELECT FROM placed WHERE NOT counts)"
    )
    return cursor.fetchone()[0]


def _account(cursor):
    cursor.execute(RECEIPT)
    stored, attempts, repeated, further, distinct = cursor.fetchone()
    cursor.execute(TESTS_OF_RECEIPT)
    matched, created, ambiguous = cursor.fetchone()
    return Stored(stored, attempts, repeated, further, distinct, matched, created, ambiguous)
