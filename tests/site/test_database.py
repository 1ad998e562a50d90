"""A database of somebody else's, named by DATABASE_URL, that does not fit: one sentence each."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from testoqa.postgres import programs
from testoqa.postgres.account import Account

CODE = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def own_database():
    """A database and a role of this test's own on the server of the tests: (address, admin)."""
    from django.conf import settings

    server = settings.DATABASES["default"]
    name = f"site_{secrets.token_hex(4)}"
    to = {
        "host": server["HOST"],
        "port": server.get("PORT") or 5432,
        "password": server["PASSWORD"],
    }
    with psycopg.connect(**to, user=server["USER"], dbname="postgres", autocommit=True) as admin:
        role = sql.Identifier(name)
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'secret word'").format(role))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(role))
        host = to["host"].replace("/", "%2F")
        yield f"postgresql://{name}:secret%20word@{host}:{to['port']}/{name}", admin
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(role))
        admin.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture
def old_server(tmp_path):
    """A running PostgreSQL 16, which the wheel brings too: its address."""
    account = Account(programs(16), namespace=os.geteuid() == 0)
    cluster = tmp_path / "old"
    sockets = Path("/tmp") / f"testoqa-{secrets.token_hex(4)}"
    sockets.mkdir(mode=0o700)
    make = [programs(16) / "initdb", "-D", cluster, "-U", "testoqa", "-A", "trust", "--no-sync"]
    subprocess.run(make, preexec_fn=account.become(), check=True, capture_output=True)
    run = [programs(16) / "postgres", "-D", cluster, "-k", sockets, "-c", "listen_addresses="]
    with subprocess.Popen(
        run,
        preexec_fn=account.become(signal.SIGINT),
        stderr=subprocess.DEVNULL,
    ) as server:
        until = time.monotonic() + 20
        while not (sockets / ".s.PGSQL.5432").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        yield f"postgresql://testoqa@{str(sockets).replace('/', '%2F')}/postgres"
        server.send_signal(signal.SIGINT)
    shutil.rmtree(sockets)


def test_one_that_is_away_is_said(make, tmp_path):
    address = "postgresql://testoqa:hidden@127.0.0.1:1/testoqa"
    said = make(tmp_path / "data", DATABASE_URL=address).start().refused()
    assert "DATABASE_URL names cannot be reached" in said
    assert "refused" in said
    assert "hidden" not in said


def test_one_that_is_too_old_is_said(make, tmp_path, old_server):
    said = make(tmp_path / "data", DATABASE_URL=old_server).start().refused()
    assert "is PostgreSQL 16: TestoQA needs PostgreSQL 18 or newer" in said


def test_one_where_tables_cannot_be_made_is_said_and_then_serves(make, tmp_path, own_database):
    address, admin = own_database
    said = make(tmp_path / "data", DATABASE_URL=address).start().refused()
    name = address.rpartition("/")[2]
    assert f"User {name} may not create tables in the database {name}" in said
    assert "secret" not in said

    # What the sentence advises helps.
    admin.execute(said[said.index("ALTER DATABASE") :].rstrip("."))
    product = make(tmp_path / "data", DATABASE_URL=address).start()
    product.ready()
    assert product.await_ready_checks()["status"] == "ok"
    assert not (tmp_path / "data" / "postgres").exists()
    product.stop()


def test_an_address_of_another_kind_is_said(make, tmp_path):
    said = make(tmp_path / "data", DATABASE_URL="mysql://localhost/x").start().refused()
    assert "DATABASE_URL must begin with postgresql://" in said


@pytest.mark.parametrize(
    "command",
    [
        ["migrate"],
        ["add_person", "--email=a@example.org"],
        ["issue_token", "--email=a@example.org"],
        ["backup", "away.tar"],
    ],
)
def test_every_command_says_of_one_that_is_away_what_up_says(tmp_path, command):
    done = run_command(tmp_path, "postgresql://testoqa:hidden@127.0.0.1:1/testoqa", *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The database that DATABASE_URL names cannot be reached (")
    assert done.stderr.endswith("): start it, or correct DATABASE_URL.\n")
    assert done.stderr.count("\n") == 1
    assert "hidden" not in done.stderr


def test_what_asks_no_database_runs_without_one(tmp_path):
    done = run_command(tmp_path, "postgresql://testoqa@127.0.0.1:1/testoqa", "help")
    assert done.returncode == 0
    assert "issue_token" in done.stdout


def run_command(folder, address, *arguments):
    return subprocess.run(
        [sys.executable, CODE / "manage.py", *arguments],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": address, "TESTOQA_DATA": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
