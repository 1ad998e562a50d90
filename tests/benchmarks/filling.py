"""A project as large as the goals ask for, written by SQL: 200 runs of 5,000 and one of 50,000."""

from dataclasses import asdict, dataclass

import psycopg

from testoqa import postgres


@dataclass(frozen=True)
class Sizes:
    """`runs` of `executions`, one of `largest`, and one of `executions` that is half done."""

    runs: int = 200
    executions: int = 5_000
    largest: int = 50_000
    cases: int = 10_000
    suites: int = 200

    def shared(self, share):
        """A part of it, for trying the benchmark itself."""
        return Sizes(**{name: max(1, int(size * share)) for name, size in asdict(self).items()})

    @property
    def whole(self):
        return (self.runs + 1) * self.executions + self.largest


FILL = [
    """
    INSERT INTO cases_suite (project_id, name, path, description, position, created_at)
    SELECT %(project)s, 'Suite ' || n, 'Suite ' || n, '', n, now()
    FROM generate_series(1, %(suites)s) n
    """,
    """
    INSERT INTO cases_case (project_id, number, suite_id, title, kind, status, priority,
        preconditions, description, automation_key, version, created_at, updated_at)
    SELECT %(project)s, n, s.id, 'The shop does thing number ' || n, 'automated', 'ready', 'P2',
        '', '', 'shop.Test::thing_' || n, 1, now(), now()
    FROM generate_series(1, %(cases)s) n
    JOIN cases_suite s ON s.project_id = %(project)s AND s.position = n %% %(suites)s + 1
    """,
    """
    INSERT INTO cases_tag (project_id, name)
    SELECT %(project)s, 'tag ' || n FROM generate_series(0, 19) n
    """,
    """
    INSERT INTO cases_casetag (project_id, case_id, tag_id)
    SELECT c.project_id, c.id, t.id
    FROM cases_case c CROSS JOIN generate_series(0, c.number %% 3) n
    JOIN cases_tag t ON t.project_id = c.project_id AND t.name = 'tag ' || (c.number + n) %% 20
    WHERE c.project_id = %(project)s
    """,
    # Of every fifty one fails (every other newly) and one is an error; two are skipped, one flaky.
    """
    INSERT INTO runs_run (id, project_id, number, name, kind, state, verdict, environment_id,
        triggered_by, run_key, branch, commit, ci_url, configuration, tags, total, passed, failed,
        error, skipped, blocked, pending, flaky, new_failures, seq, created_at, started_at,
        finished_at, duration_ms)
    SELECT uuidv7(make_interval(mins => n - 300)), %(project)s, n, 'Nightly regression',
        'automated', CASE WHEN runs THEN 'running' ELSE 'completed' END,
        CASE WHEN runs THEN 'unknown' ELSE 'failed' END, e.id, 'CI', '', 'main', 'c0ffee' || n, '',
        '{"browser": "chromium", "system": "linux"}', '{"team": "shop", "release": "2.1"}',
        size, size, 0, 0, 0, 0, 0, 0, 0, 1, now() - interval '1 hour', now() - interval '1 hour',
        CASE WHEN runs THEN NULL ELSE now() END, CASE WHEN runs THEN NULL ELSE 3600000 END
    FROM (
        SELECT n, n = %(runs)s + 2 AS runs,
            CASE WHEN n = %(runs)s + 1 THEN %(largest)s ELSE %(executions)s END AS size
        FROM generate_series(1, %(runs)s + 2) n
    ) r
    JOIN projects_environment e ON e.project_id = %(project)s AND e.name = 'ci'
    """,
    """
    INSERT INTO executions_execution (project_id, run_id, case_id, case_version, variant,
        variant_label, instance, title, state, verdict, flaky, new_failure, first_seen, attempt,
        tries, duration_ms, finished_at, message, trace, output, parameters, properties,
        planned, actual_result, note, seq)
    SELECT r.project_id, r.id, c.id, 1,
        CASE WHEN k < %(cases)s THEN ''::bytea ELSE sha256(int4send(k / %(cases)s)) END,
        CASE WHEN k < %(cases)s THEN '' ELSE 'row=' || k / %(cases)s END, 1, c.title,
        CASE WHEN done THEN 'finished' WHEN k %% 50 = 0 THEN 'running' ELSE 'queued' END,
        CASE WHEN NOT done THEN 'unknown' WHEN k %% 50 = 0 THEN 'failed'
            WHEN k %% 50 = 1 THEN 'error' WHEN k %% 50 < 4 THEN 'skipped' ELSE 'passed' END,
        done AND k %% 50 = 4, done AND k %% 100 = 0, done AND k %% 400 = 0,
        CASE WHEN done AND k %% 50 = 4 THEN 2 ELSE 1 END,
        CASE WHEN done AND k %% 50 = 4 THEN 2 ELSE 1 END,
        CASE WHEN done THEN k %% 900 END, CASE WHEN done THEN now() END,
        CASE WHEN done AND k %% 50 < 2 THEN 'expected ' || k || ' but was ' || k + 1 ELSE '' END,
        CASE WHEN done AND k %% 50 < 2 THEN repeat('at shop.Service.handle(Service.java:42) ', 20)
            ELSE '' END, '', '{}', '{}', NOT done, '', '', 1
    FROM runs_run r CROSS JOIN LATERAL generate_series(0, r.total - 1) k
    CROSS JOIN LATERAL (SELECT r.state <> 'running' OR k < r.total / 2 AS done) d
    JOIN cases_case c ON c.project_id = r.project_id AND c.number = k %% %(cases)s + 1
    WHERE r.project_id = %(project)s
    """,
    """
    UPDATE runs_run SET passed = c.passed, failed = c.failed, error = c.error,
        skipped = c.skipped, pending = c.pending, flaky = c.flaky, new_failures = c.new
    FROM (
        SELECT run_id, count(*) FILTER (WHERE verdict = 'passed') AS passed,
            count(*) FILTER (WHERE verdict = 'failed') AS failed,
            count(*) FILTER (WHERE verdict = 'error') AS error,
            count(*) FILTER (WHERE verdict = 'skipped') AS skipped,
            count(*) FILTER (WHERE state <> 'finished') AS pending,
            count(*) FILTER (WHERE flaky) AS flaky, count(*) FILTER (WHERE new_failure) AS new
        FROM executions_execution WHERE project_id = %(project)s GROUP BY run_id
    ) c
    WHERE runs_run.id = c.run_id
    """,
    """
    UPDATE projects_project SET last_run_number = %(runs)s + 2, last_case_number = %(cases)s
    WHERE id = %(project)s
    """,
]


def fill(started, key, sizes):
    """Rows as the pipeline writes them, without its locks and foreign-key checks, to save time."""
    place = postgres.connection_settings(started.data)
    with psycopg.connect(
        host=place["HOST"],
        port=place["PORT"],
        user=place["USER"],
        password=place["PASSWORD"],
        dbname=place["NAME"],
        autocommit=True,
    ) as connection:
        connection.execute("SET session_replication_role = replica")
        found = connection.execute("SELECT id FROM projects_project WHERE key = %s", [key])
        values = {"project": found.fetchone()[0], **asdict(sizes)}
        for statement in FILL:
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")
