"""Jobs under way when the tree stops, or when the worker is killed."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
from websockets.asyncio.client import connect

from testoqa.postgres import connection_settings
from tests.site.product import CHECKOUT, await_end, await_true

REMOVE_OLD_JOBS = "builtin:procrastinate.builtin_tasks.remove_old_jobs"
SOCKETS = 100


def test_a_stop_takes_15_seconds_at_most_with_a_job_and_100_sockets(used, make):
    product = make(used).start()
    product.ready()
    with lasting_job(used) as database:
        taken = asyncio.run(_stop_with_open_sockets(product, _token_for_a_run(product)))
        assert 9 < taken < 15
        database.close()
    product = make(used).start()
    product.ready()
    with _database(used) as database:
        _await_no_job(database, within=60)
    product.stop()


def test_a_job_of_a_killed_worker_is_done_within_60_seconds(used, make):
    product = make(used).start()
    product.ready()
    with lasting_job(used) as holder:
        worker = product.child("testoqa.worker")
        os.kill(worker, signal.SIGKILL)
        await_end([worker])
        holder.rollback()
        with _database(used) as database:
            _await_no_job(database, within=60)
    product.stop()


def test_jobs_left_behind_that_may_wait_only_once_are_done_once(used, make):
    product = make(used).start()
    product.ready()
    worker = product.child("testoqa.worker")
    with _database(used) as database:
        for status in ("todo", "doing", "doing"):
            database.execute(
                "INSERT INTO procrastinate_jobs"
                " (queue_name, task_name, status, queueing_lock, args, scheduled_at) VALUES"
                " ('default', 'analyze_partition', %s, 'analyze executions_execution_default',"
                """ '{"partition": "executions_execution_default"}', now() + interval '8 s')""",
                [status],
            )
        await_true(lambda: not _count(database, "task_name = 'analyze_partition'"), within=30)
    assert product.child("testoqa.worker") == worker
    product.stop()


@contextmanager
def lasting_job(data: Path):
    """A real job that waits for a row which the yielded connection holds."""
    with _database(data) as database:
        (old,) = database.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('old', 'old', 'succeeded') RETURNING id"
        ).fetchone()
        database.execute(
            "INSERT INTO procrastinate_events (job_id, type, at)"
            " VALUES (%s, 'succeeded', now() - interval '1 day')",
            [old],
        )
        holder = _database(data)
        holder.autocommit = False
        holder.execute("SELECT FROM procrastinate_jobs WHERE id = %s FOR UPDATE", [old])
        database.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
            ' VALUES (\'builtin\', %s, \'{"max_hours": 0, "queue": "old"}\')',
            [REMOVE_OLD_JOBS],
        )
        await_true(lambda: _count(database, "status = 'doing'"), within=15)
    try:
        yield holder
    finally:
        holder.close()


def _await_no_job(database, within):
    await_true(lambda: not _count(database, f"task_name IN ('old', '{REMOVE_OLD_JOBS}')"), within)


def _count(database, where):
    return database.execute(f"SELECT count(*) FROM procrastinate_jobs WHERE {where}").fetchone()[0]


def _database(data):
    settings = connection_settings(data)
    return psycopg.connect(
        host=settings["HOST"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
        autocommit=True,
    )


def _token_for_a_run(product):
    """The administrator's token for a project with a run #1."""
    code = (
        "from apps.accounts.models import User; from tests.factories import *;"
        "from apps.runs.lifecycle import create_run; user = User.objects.get();"
        "project = make_project('DEMO', owner=user); place = project.environments.first();"
        "create_run(project, by=user, name='nightly', environment=place)"
    )
    token = ["issue_token", "--email", "admin@example.org"]
    for command in (["shell", "--no-imports", "-c", code], token):
        done = subprocess.run(
            [sys.executable, CHECKOUT / "manage.py", *command],
            env=product.env | {"TESTOQA_DATA": str(product.data)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


async def _stop_with_open_sockets(product, token):
    address = product.address.replace("http:", "ws:") + "ws/projects/DEMO/runs/1/"
    headers = {"Authorization": f"Bearer {token}"}
    sockets = [await connect(address, additional_headers=headers) for _ in range(SOCKETS)]
    for one in sockets:
        assert "seq" in await asyncio.wait_for(one.recv(), 10)
    taken = await asyncio.to_thread(product.stop)
    for one in sockets:
        await asyncio.wait_for(one.wait_closed(), 5)
    return taken
