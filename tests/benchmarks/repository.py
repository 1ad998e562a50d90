"""The case repository over HTTP with sign-in: 100,000 cases in 5,000 suites of one project, and
1,000,000 results of them in 200 runs.

    python -m tests.benchmarks.repository [--share 0.01] [--requests 200]

For each page 200 requests over one connection, timed from the request to the last byte, and its
queries, counted in this process on the same database; and a tag on a tenth of the cases by the API.
`--share` takes a part of the rows.
"""

import argparse
import sys
import time
from urllib.parse import urlencode

import psycopg

from testoqa import postgres
from tests.benchmarks.pages import asks_in_this_process, served, sign_in
from tests.benchmarks.running import load, make_api, product
from tests.benchmarks.table import Figure, report

CASES, SUITES, RUNS = 100_000, 5_000, 200
TAG_GOAL = 3
QUERIES = [
    "coupon",
    "coupon expired refund",
    '"expired code"',
    "zzz",
    "WEB-4711",
    "suite:coupon",
    'tag:"tag 7" priority:<=P1',
    "priority:P0 -kind:automated owner:me",
    "field.Level:>5 updated:<7d",
    "last:failed",
    "last:blocked",
    "last:passed -tag:none",
    "is:flaky",
    "never-run",
    "automation:thing_99",
]
SORTS = ["-number", "priority", "title", "-updated"]
# Words by which texts differ as a shop's would; {place} is one hashed from the row's number.
WORDS = """
ARRAY['Checkout','Coupon','Basket','Refund','Invoice','Search','Filter','Login','Password','Address',
'Delivery','Payment','Voucher','Account','Profile','Catalogue','Price','Discount','Order','Return',
'Stock','Newsletter','Review','Wishlist','Session','Currency','Language','Receipt','Export','Import']
"""
DOES = """
ARRAY['accepts','refuses','shows','keeps','forgets','rounds','sorts','sends','opens','closes',
'counts','updates','deletes','restores','warns about','limits','splits','merges','prints','hides']
"""
WHAT = """
ARRAY['an empty value','the highest amount','a second try','an expired code','two tabs at once',
'a long name','letters of another alphabet','the smallest screen','a lost connection','a guest',
'a locked customer','the first of January','a decimal comma','a reload','an oversize item']
"""


def word(words, number):
    """One of the words, spread by a hash of the number, so that neighbours differ."""
    return f"(w.{words})[abs(hashint4({number})) %% cardinality(w.{words}) + 1]"


VOCABULARY = f"(SELECT {WORDS} AS things, {DOES} AS does, {WHAT} AS what) w"
# Twenty suites at the top and six below each of the following, so that 5,000 lie five deep.
FILL = [
    f"""
    CREATE TEMP TABLE filled_suite AS
    SELECT n, CASE WHEN n > 20 THEN (n - 21) / 6 + 1 END AS parent, uuidv7() AS id,
        {word("things", "n")} || ' ' || n AS name
    FROM generate_series(1, %(suites)s) n, {VOCABULARY}
    """,
    """
    INSERT INTO cases_suite
        (id, project_id, parent_id, name, path, description, position, created_at)
    WITH RECURSIVE placed AS (
        SELECT n, id, NULL::uuid AS parent_id, name, name AS path
        FROM filled_suite WHERE parent IS NULL
        UNION ALL
        SELECT f.n, f.id, p.id, f.name, p.path || ' / ' || f.name
        FROM placed p JOIN filled_suite f ON f.parent = p.n
    )
    SELECT id, %(project)s, parent_id, name, path, '', n %% 6, now() FROM placed
    """,
    f"""
    INSERT INTO cases_case (project_id, number, suite_id, title, kind, status, priority, severity,
        owner_id, estimate_seconds, preconditions, description, automation_key, custom, steps_text,
        version, archived_at, created_by_id, created_at, updated_at)
    SELECT %(project)s, n, CASE WHEN n %% 50 > 0 THEN s.id END,
        {word("things", "n")} || ' ' || {word("does", "n * 3")} || ' ' || {word("what", "n * 7")}
            || ' ' || n,
        CASE WHEN n %% 3 = 0 THEN 'automated' ELSE 'manual' END,
        CASE WHEN n %% 10 = 0 THEN 'draft' WHEN n %% 25 = 1 THEN 'in_review' ELSE 'ready' END,
        'P' || abs(hashint4(n)) %% 4, (ARRAY['normal', 'major', 'minor', 'critical'])[n %% 4 + 1],
        CASE WHEN n %% 4 = 0 THEN %(person)s::bigint END,
        CASE WHEN n %% 5 = 0 THEN 60 * (n %% 9) END,
        'A customer is signed in.', 'What the shop promises about ' || {word("what", "n * 11")},
        CASE WHEN n %% 3 = 0 THEN 'shop.Test::thing_' || n ELSE '' END,
        CASE WHEN n %% 2 = 0 THEN jsonb_build_object('Browser', CASE WHEN n %% 4 = 0 THEN 'firefox'
            ELSE 'chromium' END, 'Level', n %% 7) ELSE '{{}}' END,
        'Open ' || {word("things", "n * 5")} || E'\nEnter ' || {word("what", "n * 13")}
            || E'\nRead the total of ' || n,
        1, CASE WHEN n %% 100 = 99 THEN now() END, %(person)s, now() - n * interval '1 minute',
        now() - n * interval '1 minute'
    FROM generate_series(1, %(cases)s) n CROSS JOIN {VOCABULARY}
    JOIN (SELECT n AS place, id FROM filled_suite) s ON s.place = n %% %(suites)s + 1
    """,
    """
    INSERT INTO cases_casestep (project_id, case_id, position, action, expected, data)
    SELECT c.project_id, c.id, lines.place, lines.line, 'It is there.', ''
    FROM cases_case c CROSS JOIN LATERAL
        string_to_table(c.steps_text, E'\n') WITH ORDINALITY AS lines (line, place)
    WHERE c.project_id = %(project)s
    """,
    """
    INSERT INTO cases_tag (project_id, name)
    SELECT %(project)s, 'tag ' || n FROM generate_series(0, 49) n ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO cases_casetag (project_id, case_id, tag_id)
    SELECT c.project_id, c.id, t.id
    FROM cases_case c CROSS JOIN generate_series(0, c.number % 3) n
    JOIN cases_tag t ON t.project_id = c.project_id
        AND t.name = 'tag ' || (c.number * 7 + n * 11) % 50
    WHERE c.project_id = %(project)s
    ON CONFLICT DO NOTHING
    """.replace(" % ", " %% "),
    """
    INSERT INTO cases_customfield (project_id, name, kind, required, options, position, created_at)
    VALUES (%(project)s, 'Browser', 'choice', false, '["firefox", "chromium"]', 1, now()),
        (%(project)s, 'Level', 'number', false, '[]', 2, now())
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO cases_caseversion (project_id, case_id, number, content, created_by_id, created_at)
    SELECT c.project_id, c.id, 1, jsonb_build_object('title', c.title, 'kind', c.kind,
        'status', c.status, 'priority', c.priority, 'suite', coalesce(s.path, ''),
        'preconditions', c.preconditions, 'description', c.description,
        'automation_key', c.automation_key, 'tags', '[]'::jsonb, 'steps', '[]'::jsonb),
        c.created_by_id, c.created_at
    FROM cases_case c LEFT JOIN cases_suite s ON s.id = c.suite_id
    WHERE c.project_id = %(project)s
    """,
    "UPDATE projects_project SET last_case_number = %(cases)s WHERE id = %(project)s",
    "DROP TABLE filled_suite",
]


# Each run holds every twentieth case, a twentieth later than the run before; the last 500 cases
# never ran. Of fifty results one is a failure and one an error, spread by a hash so that most cases
# failed at some time and few failed last; of a hundred passes one is flaky.
RESULTS = [
    """
    INSERT INTO runs_run (id, project_id, number, name, kind, state, verdict, environment_id,
        triggered_by, run_key, branch, commit, ci_url, configuration, tags, total, passed, failed,
        error, skipped, blocked, pending, flaky, new_failures, seq, created_at, started_at,
        finished_at, duration_ms)
    SELECT uuidv7(make_interval(mins => n - 300)), %(project)s, n, 'Nightly regression',
        'automated', 'completed', 'failed', e.id, 'CI', '', 'main', 'c0ffee' || n, '', '{}', '{}',
        0, 0, 0, 0, 0, 0, 0, 0, 0, 1, now() - interval '1 hour', now() - interval '1 hour', now(),
        3600000
    FROM generate_series(1, %(runs)s) n
    JOIN projects_environment e ON e.project_id = %(project)s AND e.name = 'ci'
    """,
    """
    INSERT INTO executions_execution (project_id, run_id, case_id, case_version, variant,
        variant_label, instance, title, state, verdict, flaky, new_failure, first_seen, attempt,
        tries, duration_ms, finished_at, message, trace, output, parameters, properties,
        planned, actual_result, note, seq)
    SELECT r.project_id, r.id, c.id, 1, '', '', 1, c.title, 'finished', v.verdict,
        v.verdict = 'passed' AND h.hash %% 100 = 7, false, false, 1, 1, h.hash %% 900, now(), '',
        '', '', '{}', '{}', false, '', '', 1
    FROM runs_run r JOIN cases_case c ON c.project_id = r.project_id
        AND c.number %% 20 = r.number %% 20 AND c.number <= %(cases)s - 500
    CROSS JOIN LATERAL (SELECT abs(hashint8(c.number * 1000 + r.number)::bigint) AS hash) h
    CROSS JOIN LATERAL (SELECT CASE h.hash %% 50 WHEN 0 THEN 'failed' WHEN 1 THEN 'error'
        WHEN 2 THEN 'skipped' ELSE 'passed' END AS verdict) v
    WHERE r.project_id = %(project)s
    """,
    """
    UPDATE runs_run r SET total = c.total, passed = c.passed, failed = c.failed, error = c.error,
        skipped = c.skipped, flaky = c.flaky
    FROM (
        SELECT run_id, count(*) AS total, count(*) FILTER (WHERE verdict = 'passed') AS passed,
            count(*) FILTER (WHERE verdict = 'failed') AS failed,
            count(*) FILTER (WHERE verdict = 'error') AS error,
            count(*) FILTER (WHERE verdict = 'skipped') AS skipped,
            count(*) FILTER (WHERE flaky) AS flaky
        FROM executions_execution WHERE project_id = %(project)s GROUP BY run_id
    ) c
    WHERE r.id = c.run_id
    """,
    """
    UPDATE cases_case SET has_run = true
    WHERE project_id = %(project)s AND number <= %(cases)s - 500
    """,
    "UPDATE projects_project SET last_run_number = %(runs)s WHERE id = %(project)s",
]


def fill_results(cursor, project, *, cases=CASES, runs=RUNS):
    """Give a filled project so many finished runs, each of a twentieth of the cases."""
    for statement in RESULTS:
        cursor.execute(statement, {"project": project, "cases": cases, "runs": runs})


def fill_repository(cursor, project, *, cases=CASES, suites=SUITES, person=None):
    """Fill an empty project (its id) with a tree, cases, steps, tags, fields and versions.

    `cursor` is Django's or psycopg's connection or cursor; `person` is the id of who made them and
    owns a quarter. About half a minute for 100,000; quicker where
    session_replication_role = replica passes the checks of keys over.
    """
    values = {"project": project, "cases": cases, "suites": suites, "person": person}
    for statement in FILL:
        cursor.execute(statement, values)


def fill(started, key, *, share=1.0):
    """The same in a product that runs; returns how many seconds it took."""
    place = postgres.connection_settings(started.data)
    began = time.monotonic()
    with psycopg.connect(
        host=place["HOST"],
        port=place["PORT"],
        user=place["USER"],
        password=place["PASSWORD"],
        dbname=place["NAME"],
        autocommit=True,
    ) as connection:
        connection.execute("SET session_replication_role = replica")
        asked = connection.execute("SELECT id FROM projects_project WHERE key = %s", [key])
        found = asked.fetchone()
        person = connection.execute("SELECT min(id) FROM accounts_user").fetchone()[0]
        fill_repository(
            connection,
            found[0],
            cases=max(1, int(CASES * share)),
            suites=max(1, int(SUITES * share)),
            person=person,
        )
        fill_results(connection, found[0], cases=max(1, int(CASES * share)))
        connection.execute("VACUUM ANALYZE")
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--requests", type=int, default=200)
    options = parser.parse_args()
    print(f"load {load()}")
    with product() as started:
        api = make_api(started, "WEB")
        print(f"filled in {fill(started, 'WEB', share=options.share):.1f} s")
        session, ask = sign_in(started), asks_in_this_process(started)
        figures = [
            figure
            for name, path in pages_of(api).items()
            for figure in served(session, ask, name, path, options)
        ]
        figures += [tagged(api, share=options.share)]
        return report(f"A repository of {int(CASES * options.share):,} cases", figures)


def tagged(api, *, share):
    """From asking for a tag on a tenth of the cases until the job says that it is done."""
    count = max(1, int(CASES * share / 10))
    keys = [f"WEB-{number}" for number in range(1, 2 * count) if number % 100 != 99][:count]
    began = time.monotonic()
    change = api.ask("POST", "projects/WEB/cases/bulk/", {"cases": keys, "add_tags": ["benchmark"]})
    while change["state"] in ("queued", "running"):
        time.sleep(0.1)
        change = api.ask("GET", f"projects/WEB/cases/bulk/{change['id']}/")
    took = time.monotonic() - began
    assert change["changed"] == count, change
    return Figure(f"bulk tag of {count:,} cases", took, TAG_GOAL, "s")


def pages_of(api):
    """{name: path} of the pages whose speed is promised."""
    suites = api.ask("GET", "projects/WEB/suites/?limit=1")["results"]
    return {
        "tree and list": "/projects/WEB/cases/",
        "tree and list of a suite": f"/projects/WEB/cases/?suite={suites[0]['id']}",
        **{
            f"list by {query}": f"/projects/WEB/cases/?{urlencode({'q': query})}"
            for query in QUERIES
        },
        **{f"list by {sort}": f"/projects/WEB/cases/?sort={sort}" for sort in SORTS},
        "list, far into it": "/projects/WEB/cases/?sort=title&after=50000.p",
        "counts of the tree": "/projects/WEB/suites/counts/",
        "completion of a suite": "/projects/WEB/cases/suggest/?q=suite:chec&at=10",
        "palette": "/projects/WEB/find/?q=coupon",
        "case page": "/projects/WEB/cases/12/",
    }


if __name__ == "__main__":
    sys.exit(main())
