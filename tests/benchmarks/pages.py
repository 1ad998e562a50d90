"""Pages over HTTP with sign-in, on a million executions and a second project as large.

    python -m tests.benchmarks.pages

200 runs of 5,000 and one of 50,000 executions in each project, over 10,000 cases; then 200 requests
to each page over one connection, timed from the request to the last byte.
"""

import http.client
import re
import sys
import time
from urllib.parse import urlencode, urlsplit

import psycopg

from testoqa import postgres
from tests.benchmarks.running import EMAIL, PASSWORD, load, make_api, product
from tests.benchmarks.table import Figure, at, report

REQUESTS = 200
RUNS, EXECUTIONS, LARGEST = 200, 5_000, 50_000
CASES, SUITES = 10_000, 200
TIME_GOAL, SIZE_GOAL = 100, 150

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
    INSERT INTO runs_run (id, project_id, number, name, kind, state, verdict, environment_id,
        triggered_by, run_key, branch, commit, ci_url, configuration, tags, total, passed, failed,
        error, skipped, blocked, pending, flaky, new_failures, seq, created_at, started_at,
        finished_at, duration_ms)
    SELECT uuidv7(make_interval(mins => n - 300)), %(project)s, n, 'Nightly regression',
        'automated', 'completed', 'failed', e.id, 'CI', '', 'main', 'c0ffee' || n, '', '{}', '{}',
        size, size - 2 * (size / 50) - size / 25, size / 50, size / 50, size / 25, 0, 0, 0, 0, 1,
        now() - interval '1 hour', now() - interval '1 hour', now(), 3600000
    FROM (SELECT n, CASE WHEN n > %(runs)s THEN %(largest)s ELSE %(executions)s END AS size
        FROM generate_series(1, %(runs)s + 1) n) r
    JOIN projects_environment e ON e.project_id = %(project)s AND e.name = 'ci'
    """,
    """
    INSERT INTO executions_execution (project_id, run_id, case_id, case_version, variant,
        variant_label, instance, title, state, verdict, flaky, new_failure, first_seen, attempt,
        tries, duration_ms, finished_at, message, trace, output, parameters, properties,
        planned, actual_result, note, seq)
    SELECT r.project_id, r.id, c.id, 1,
        CASE WHEN k < %(cases)s THEN ''::bytea ELSE sha256(int4send(k / %(cases)s)) END,
        CASE WHEN k < %(cases)s THEN '' ELSE 'row=' || k / %(cases)s END, 1, c.title, 'finished',
        CASE k %% 50 WHEN 0 THEN 'failed' WHEN 1 THEN 'error' WHEN 2 THEN 'skipped'
            WHEN 3 THEN 'skipped' ELSE 'passed' END,
        false, false, false, 1, 1, k %% 900, now(),
        CASE WHEN k %% 50 < 2 THEN 'expected ' || k || ' but was ' || k + 1 ELSE '' END,
        CASE WHEN k %% 50 < 2 THEN repeat('at shop.Service.handle(Service.java:42) ', 20)
            ELSE '' END, '', '{}', '{}', false, '', '', 1
    FROM runs_run r CROSS JOIN LATERAL generate_series(0, r.total - 1) k
    JOIN cases_case c ON c.project_id = r.project_id AND c.number = k %% %(cases)s + 1
    WHERE r.project_id = %(project)s
    """,
    """
    UPDATE projects_project SET last_run_number = %(runs)s + 1, last_case_number = %(cases)s
    WHERE id = %(project)s
    """,
]


def main():
    print(f"load {load()}")
    with product() as started:
        for key in ("WEB", "OTHER"):
            make_api(started, key)
            fill(started, key)
        session = sign_in(started)
        pages = {
            "run list": "projects/WEB/runs/",
            "run page of 5,000": f"projects/WEB/runs/{RUNS}/",
            "run page of 50,000": f"projects/WEB/runs/{RUNS + 1}/",
            "case list": "projects/WEB/cases/",
            "case page": "projects/WEB/cases/12/",
            "overview": "projects/WEB/",
        }
        figures = []
        for name, path in pages.items():
            times, size = measure(session, f"/{path}")
            figures.append(Figure(f"{name}, p95 of {REQUESTS}", at(times, 0.95), TIME_GOAL, "ms"))
            figures.append(Figure(f"{name}, size", size / 1024, SIZE_GOAL, "KiB"))
        return report("Pages of a project with a million executions", figures)


def fill(started, key):
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
        values = {
            "project": found.fetchone()[0],
            "runs": RUNS,
            "executions": EXECUTIONS,
            "largest": LARGEST,
            "cases": CASES,
            "suites": SUITES,
        }
        for statement in FILL:
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")


def sign_in(started):
    """A connection and the cookies of somebody who typed their password."""
    connection = http.client.HTTPConnection(urlsplit(started.address).netloc, timeout=60)
    connection.request("GET", "/accounts/login/")
    answer = connection.getresponse()
    form, cookies = answer.read().decode(), cookies_of(answer)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    body = urlencode({"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": together(cookies)}
    connection.request("POST", "/accounts/login/", body, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 302, answer.status
    return connection, together({**cookies, **cookies_of(answer)})


def cookies_of(answer):
    return dict(
        line.split(";", 1)[0].split("=", 1) for line in answer.headers.get_all("Set-Cookie") or []
    )


def together(cookies):
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def measure(session, path):
    """Times in ms of the requests, and the bytes of the page."""
    connection, cookie = session
    times, size = [], 0
    for _ in range(REQUESTS):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        size = len(answer.read())
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.status)
    return times, size


if __name__ == "__main__":
    sys.exit(main())
