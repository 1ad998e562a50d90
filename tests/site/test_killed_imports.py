"""kill -9 of the whole tree within an import, then `up` again: nothing is lost or doubled."""

import random
import shutil
import socket
from contextlib import contextmanager, suppress
from http.client import HTTPException
from urllib.parse import urlsplit

import psycopg
import pytest

from testoqa.postgres import connection_settings
from tests.benchmarks import junit
from tests.site.client import Api, command, form_of
from tests.site.product import Product, await_true, environment

TESTS = 10_000
OF_PEOPLE = "tablename !~ '^(procrastinate_|django_session|memberships_apitoken)'"
COUNTED = {
    "total": "true",
    "passed": "status = 'passed'",
    "failed": "status = 'failed'",
    "error": "status = 'error'",
    "skipped": "status = 'skipped'",
    "blocked": "status = 'blocked'",
    "pending": "status IN ('queued', 'running', 'aborted')",
    "flaky": "flaky",
    "new_failures": "new_failure",
}


@pytest.fixture
def file(tmp_path):
    return junit.write(tmp_path / "results.xml", TESTS)


@pytest.fixture(scope="module")
def with_project(first, bytecode, tmp_path_factory):
    """(data folder, secret of a token): a project, and somebody who may send results to it."""
    folder = tmp_path_factory.mktemp("with_project")
    data = shutil.copytree(first.data, folder / "data")
    product = Product(folder, data, environment(bytecode)).start()
    try:
        product.ready()
        command(product, "add_person", "--email", "ci@example.org")
        secret = command(product, "issue_token", "--email", "ci@example.org")
        Api(product, secret).ask("POST", "projects/", {"key": "WEB", "name": "Web"})
        product.stop()
    finally:
        product.end()
    return data, secret


@pytest.fixture
def secret(with_project):
    return with_project[1]


@pytest.fixture
def used(with_project, tmp_path):
    return shutil.copytree(with_project[0], tmp_path / "data")


@pytest.fixture
def start(used, make):
    """Starts the product on one data folder; every file waits for the worker."""

    def start():
        product = make(used, TESTOQA_QUICK_IMPORT_MB="0").start()
        product.ready()
        return product

    return start


def test_killed_while_the_body_arrives(start, secret, used, file):
    product = start()
    body, kind = form_of(file, {"name": "cut"})
    with socket.create_connection(("127.0.0.1", urlsplit(product.address).port)) as connection:
        head = (
            "POST /api/v1/projects/WEB/imports/ HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {secret}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body[: len(body) // 2])
        product.kill_everything()
    product = start()
    with database(used) as rows:
        assert rows.execute("SELECT count(*) FROM executions_import").fetchone() == (0,)
    finish_and_repeat(product, secret, used, file, name="cut")


def test_killed_while_the_file_is_read(start, secret, used, tmp_path):
    file = junit.write(tmp_path / "large.xml", 3 * TESTS)
    product = start()
    Api(product, secret).send("WEB", file, name="read")
    with database(used) as rows:
        await_true(
            lambda: one(
                rows, "SELECT EXISTS (SELECT FROM pg_stat_progress_copy WHERE tuples_processed > 0)"
            )
        )
        product.kill_everything()
    finish_and_repeat(start(), secret, used, file, name="read")


def test_killed_after_the_copy_and_before_the_commit(start, secret, used, file):
    product = start()
    with database(used) as holder, database(used) as rows:
        holder.autocommit = False
        holder.execute("SELECT FROM projects_project FOR NO KEY UPDATE")
        Api(product, secret).send("WEB", file, name="copied")
        await_true(
            lambda: one(
                rows,
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND query LIKE '%projects_project%')",
            )
        )
        product.kill_everything()
    finish_and_repeat(start(), secret, used, file, name="copied")


def test_killed_after_the_commit_and_before_the_job_is_marked_done(start, secret, used, file):
    product = start()
    with database(used) as holder, database(used) as rows:
        Api(product, secret).send("WEB", file, name="stored")
        await_true(lambda: one(rows, "SELECT state = 'reading' FROM executions_import"))
        holder.autocommit = False
        holder.execute("SELECT FROM procrastinate_jobs WHERE task_name = 'read_import' FOR UPDATE")
        await_true(lambda: one(rows, "SELECT state = 'done' FROM executions_import"))
        product.kill_everything()
    finish_and_repeat(start(), secret, used, file, name="stored")


def test_killed_at_twenty_random_moments(start, secret, used, tmp_path):
    file = junit.write(tmp_path / "small.xml", TESTS // 5)
    dice = random.Random(20)
    accepted = []
    for turn in range(20):
        product = start()
        moment = dice.uniform(0, 1)
        with suppress(OSError, HTTPException, AssertionError), database(used) as rows:
            accepted.append(Api(product, secret).send("WEB", file, name=f"turn {turn}")["id"])
            await_or_pass(rows, moment)
        product.kill_everything()
    product = start()
    with database(used) as rows:
        await_true(lambda: not waiting(rows), within=60)
        done = "SELECT array_agg(id::text) FROM executions_import WHERE state = 'done'"
        assert set(accepted) <= set(one(rows, done))
        assert_counters_equal_rows(rows)
    product.stop()


def finish_and_repeat(product, secret, used, file, **fields):
    """The job ends by itself within 60 s; sending the same file again changes no row."""
    with database(used) as rows:
        await_true(lambda: not waiting(rows), within=60)
        api = Api(product, secret)
        api.upload("WEB", file, **fields)
        assert_counters_equal_rows(rows)
        assert one(rows, "SELECT count(*) FROM executions_import WHERE state = 'done'") == 1
        before = fingerprints(rows)
        assert api.upload("WEB", file, **fields)["repeated_import"] is True
        assert fingerprints(rows) == before
    product.stop()


def waiting(rows):
    return one(rows, "SELECT count(*) FROM executions_import WHERE state IN ('queued', 'reading')")


def await_or_pass(rows, seconds):
    """Let the worker go on for so long, or until it is done."""
    with suppress(AssertionError):
        await_true(lambda: not waiting(rows), within=seconds)


def assert_counters_equal_rows(rows):
    counted = ", ".join(f"count(*) FILTER (WHERE {rule})" for rule in COUNTED.values())
    kept = ", ".join(COUNTED)
    numbers = [row[0] for row in rows.execute("SELECT id FROM runs_run").fetchall()]
    assert numbers
    for run in numbers:
        told = rows.execute(f"SELECT {kept} FROM runs_run WHERE id = %s", [run])
        held = rows.execute(f"SELECT {counted} FROM executions_execution WHERE run_id = %s", [run])
        assert told.fetchone() == held.fetchone()
    sums = "received <> stored + attempts + repeated + refused_count"
    assert one(rows, f"SELECT count(*) FROM executions_import WHERE {sums}") == 0


def fingerprints(rows):
    """A hash of each table that people's data lies in."""
    tables = rows.execute(
        f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND {OF_PEOPLE}"
    ).fetchall()
    return {
        table: one(
            rows, f"SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {table} t"
        )
        for (table,) in tables
    }


def one(rows, query):
    row = rows.execute(query).fetchone()
    return row and row[0]


@contextmanager
def database(data):
    place = connection_settings(data)
    with psycopg.connect(
        host=place["HOST"],
        port=place["PORT"],
        user=place["USER"],
        password=place["PASSWORD"],
        dbname=place["NAME"],
        autocommit=True,
    ) as connection:
        try:
            yield connection
        finally:
            connection.close()
