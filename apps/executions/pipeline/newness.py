"""New failures: what fails here and passed before, or was never seen before."""


def last_status(branch):
    """SQL for how the case and variant of `f` ended in the last finished run that held it.

    Runs mostly finish in the order they were born in, in which their executions are found by the
    case. The few that were born earlier and finished later are asked for one by one.
    """
    finished = f"""
        r.project_id = here.project_id AND r.environment_id = here.environment_id
            AND r.branch = {branch} AND r.state = 'completed'
            AND r.finished_at <= coalesce(here.finished_at, 'infinity')"""
    held = "p.case_id = f.case_id AND p.variant = f.variant AND p.run_id <> f.run_id"
    return f"""
        SELECT coalesce(overtaken.status, born.status) AS status FROM (
            SELECT p.status, r.id, r.finished_at
            FROM executions_execution p JOIN runs_run r ON r.id = p.run_id
            WHERE {held} AND {finished}
            ORDER BY p.run_id DESC LIMIT 1
        ) born LEFT JOIN LATERAL (
            SELECT p.status FROM runs_run r JOIN executions_execution p ON p.run_id = r.id
            WHERE {held} AND {finished}
                AND r.id < born.id AND r.finished_at > born.finished_at
            ORDER BY r.finished_at DESC, r.id DESC LIMIT 1
        ) overtaken ON true"""


# Joined to rows `f` of (id, run_id, case_id, variant): the same environment and branch decide, else
# the default branch. A finished run that is judged again is held against what was finished before.
HISTORY = f"""
    JOIN runs_run here ON here.id = f.run_id
    JOIN projects_project project ON project.id = here.project_id
    LEFT JOIN LATERAL ({last_status("here.branch")}
    ) own ON true
    LEFT JOIN LATERAL ({last_status("project.default_branch")}
        WHERE own.status IS NULL
    ) fallback ON true
"""
NEWNESS = f"""
SELECT id, passed_before OR never AS new_failure, never AS first_seen FROM (
    SELECT f.id, coalesce(own.status, fallback.status, '') = 'passed' AS passed_before,
        own.status IS NULL AND fallback.status IS NULL AND NOT EXISTS (
            SELECT FROM executions_execution p JOIN runs_run r ON r.id = p.run_id
            WHERE p.case_id = f.case_id AND p.variant = f.variant AND p.run_id <> f.run_id
                AND r.state = 'completed'
                AND r.finished_at <= coalesce(here.finished_at, 'infinity')) AS never
    FROM (%s) f {HISTORY}
) judged
WHERE passed_before OR never
"""
MARK_INCOMING = """
UPDATE placed SET new_failure = newness.new_failure, first_seen = newness.first_seen
FROM ({newness}) newness WHERE placed.ord = newness.id
""".format(
    newness=NEWNESS
    % """
    SELECT p.ord AS id, %(run)s::uuid AS run_id, p.case_id,
        CASE WHEN p.instance > 1 THEN p.base || int4send(p.instance) ELSE p.base END AS variant
    FROM placed p JOIN incoming i USING (ord)
    WHERE p.counts AND NOT p.repeated AND i.verdict IN ('failed', 'error')
    """
)
MARK_CHANGED = """
UPDATE executions_execution e SET new_failure = newness.new_failure, first_seen = newness.first_seen
FROM ({newness}) newness WHERE e.run_id = %(run)s AND e.id = newness.id
""".format(
    newness=NEWNESS
    % """
    SELECT id, run_id, case_id, variant FROM executions_execution
    WHERE run_id = %(run)s AND seq = %(seq)s AND verdict IN ('failed', 'error')
    """
)
