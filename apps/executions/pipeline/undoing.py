"""Taking back what an import brought: to the earlier try, to the queue, or away."""

from django.db import connection

from .storing import look_up_keys_by_id

# Texts of the import that were too long for their rows, which the pipeline stored as files under
# these names between the upload's arrival and its receipt; imports of a run store one by one.
FILES = """
DELETE FROM executions_executionartifact f
USING executions_execution e, executions_import i, artifacts_artifact a
WHERE f.run_id = %(run)s AND e.run_id = f.run_id AND e.id = f.execution_id
    AND i.id = %(source)s AND a.id = f.artifact_id
    AND a.name ~ '^(try [0-9]+ )?(message|trace|output)\\.txt$'
    AND a.created_at BETWEEN i.created_at AND i.finished_at
    AND NOT EXISTS (
        SELECT FROM executions_import o WHERE o.run_id = i.run_id
        AND o.finished_at >= a.created_at AND o.finished_at < i.finished_at)
    AND (e.source_id = i.id OR EXISTS (
        SELECT FROM executions_attempt t
        WHERE t.run_id = e.run_id AND t.execution_id = e.id AND t.source_id = i.id))
RETURNING f.artifact_id
"""
EARLIER_TRIES = """
WITH gone AS (
    DELETE FROM executions_attempt a WHERE a.run_id = %(run)s AND a.source_id = %(source)s
    RETURNING a.execution_id
)
UPDATE executions_execution e SET tries = e.tries - gone.count, flaky = false, seq = %(seq)s
FROM (SELECT execution_id, count(*) FROM gone GROUP BY execution_id) gone
WHERE e.run_id = %(run)s AND e.id = gone.execution_id
"""
BACK_TO_THE_EARLIER_TRY = """
WITH back AS (
    DELETE FROM executions_attempt a USING (
        SELECT DISTINCT ON (a.execution_id) a.id FROM executions_attempt a
        JOIN executions_execution e ON e.run_id = a.run_id AND e.id = a.execution_id
        WHERE a.run_id = %(run)s AND e.source_id = %(source)s
        ORDER BY a.execution_id, a.number DESC, a.id DESC
    ) latest WHERE a.id = latest.id RETURNING a.*
)
UPDATE executions_execution e SET state = 'finished', verdict = back.verdict,
    duration_ms = back.duration_ms, started_at = back.started_at,
    finished_at = greatest(e.finished_at, back.started_at), message = back.message,
    trace = back.trace, output = back.output, source_id = back.source_id, attempt = back.number,
    tries = e.tries - 1, flaky = false, new_failure = false, first_seen = false, seq = %(seq)s
FROM back WHERE e.run_id = %(run)s AND e.id = back.execution_id
"""
RENUMBER = """
UPDATE executions_attempt a SET number = counted.place
FROM (
    SELECT t.id, row_number() OVER (PARTITION BY t.execution_id ORDER BY t.number, t.id) AS place
    FROM executions_attempt t
    JOIN executions_execution e ON e.run_id = t.run_id AND e.id = t.execution_id
    WHERE t.run_id = %(run)s AND e.seq = %(seq)s
) counted
WHERE a.id = counted.id AND a.number <> counted.place
"""
BACK_TO_THE_QUEUE = """
UPDATE executions_execution e SET state = 'queued', verdict = 'unknown', flaky = false,
    new_failure = false, first_seen = false, attempt = 1, tries = 1, shard = NULL,
    duration_ms = NULL, started_at = NULL, finished_at = NULL, message = '', trace = '',
    output = '', parameters = '{}', properties = '{}', source_id = NULL, seq = %(seq)s
WHERE e.run_id = %(run)s AND e.source_id = %(source)s AND e.planned
"""
EVALUATIONS = """
DELETE FROM executions_evaluation v USING executions_execution e
WHERE v.run_id = %(run)s AND e.run_id = v.run_id AND e.id = v.execution_id
    AND e.source_id = %(source)s
"""
LINKS = """
DELETE FROM executions_executionartifact f USING executions_execution e
WHERE f.run_id = %(run)s AND e.run_id = f.run_id AND e.id = f.execution_id
    AND e.source_id = %(source)s
RETURNING f.artifact_id
"""
AWAY = """
DELETE FROM executions_execution e WHERE e.run_id = %(run)s AND e.source_id = %(source)s
"""


def take_back(run, import_):
    """Change the locked run's executions; rows touched carry its next `seq`.

    Returns the ids of files that were unlinked. Flags and counters are the caller's, who allows
    nested loops again after that.
    """
    values = {"run": run.pk, "source": import_.pk, "seq": run.seq + 1}
    unlinked = set()
    with connection.cursor() as cursor:
        look_up_keys_by_id(cursor)
        # Read the run once, as storing does where statistics may not know it yet.
        cursor.execute("SET LOCAL enable_nestloop = off")
        for statement in (
            FILES,
            EARLIER_TRIES,
            BACK_TO_THE_EARLIER_TRY,
            BACK_TO_THE_QUEUE,
            EVALUATIONS,
            LINKS,
            AWAY,
            RENUMBER,
        ):
            cursor.execute(statement, values)
            if statement in (FILES, LINKS):
                unlinked.update(row[0] for row in cursor.fetchall())
    return unlinked
