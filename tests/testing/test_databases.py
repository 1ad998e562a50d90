"""Databases that nobody will use again go, and no others."""

import json
import os
import socket
import subprocess
import sys
import time

import psycopg
import pytest
from django.db import connections

from testoqa.testing import databases
from testoqa.testing.databases import KEPT, UNUSED, drop_dead

LONG_AGO = UNUSED + 60


@pytest.fixture
def server(django_db_blocker, worker_name):
    """Makes databases on the server of this test run, and drops what is left of them."""
    with django_db_blocker.unblock(), connections["default"]._nodb_cursor() as cursor:
        made = Server(cursor, f"of_{worker_name}_{os.getpid()}")
        yield made
        for name in made.names():
            cursor.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Server:
    def __init__(self, cursor, project):
        self.cursor = cursor
        self.project = project

    def make(self, name, *, age, **facts):
        """A database with what a run or a template of that age writes into it."""
        full = f"{name}_{self.project}"
        self.cursor.execute(f'CREATE DATABASE "{full}"')
        note = {"testoqa.testing": 1, "host": socket.gethostname(), "at": int(time.time()) - age}
        self.cursor.execute(f'COMMENT ON DATABASE "{full}" IS %s', [json.dumps({**note, **facts})])
        return full

    def names(self):
        self.cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY 1", [f"%{self.project}"]
        )
        return [name for (name,) in self.cursor.fetchall()]

    def connect(self, name):
        parameters = connections["default"].get_connection_params()
        wanted = ("host", "port", "user", "password")
        known = {key: parameters[key] for key in wanted if key in parameters}
        return psycopg.connect(**known, dbname=name)


@pytest.fixture
def dead():
    """The number of a process that ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_database_of_a_run_that_was_killed_goes_after_an_hour(server, dead):
    server.make("killed", age=LONG_AGO, pid=dead)
    elsewhere = server.make("elsewhere", age=LONG_AGO, pid=os.getpid(), host="another.example")
    kept = [
        server.make("young", age=UNUSED - 60, pid=dead),
        server.make("living", age=LONG_AGO, pid=os.getpid()),
        server.make("used", age=LONG_AGO, pid=dead),
        server.make("used_elsewhere", age=LONG_AGO, pid=dead, host="another.example"),
    ]
    used = [server.connect(name) for name in kept[2:]]
    drop_dead(server.cursor, server.project, keep="")
    assert server.names() == sorted(kept)
    assert elsewhere not in server.names()
    for connection in used:
        connection.close()


def test_a_database_without_a_note_of_ours_stays(server):
    strange = f"strange_{server.project}"
    server.cursor.execute(f'CREATE DATABASE "{strange}"')
    server.cursor.execute(f"COMMENT ON DATABASE \"{strange}\" IS 'of somebody else'")
    drop_dead(server.cursor, server.project, keep="")
    assert server.names() == [strange]


def test_templates_beyond_the_newest_go_and_those_of_other_projects_stay(server):
    made = [
        server.make(f"tpl_{age}", age=age, project=server.project) for age in range(100, 600, 100)
    ]
    other = server.make("tpl_other", age=900, project=f"other than {server.project}")
    server.cursor.execute(f'ALTER DATABASE "{made[2]}" IS_TEMPLATE true')
    drop_dead(server.cursor, server.project, keep=made[4])
    assert server.names() == sorted([*made[:KEPT], made[4], other])


def test_r26_another_template_is_made_when_the_code_changes(project):
    assert project.pytest("test_people.py").code == 0
    (first,) = project.databases(databases.PREFIX)
    project.write("shop/rules.py", "")
    assert project.pytest("test_people.py").code == 0
    assert first in project.databases(databases.PREFIX)
    project.write("shop/rules.py", "MORE = 1")
    assert project.pytest("test_people.py").code == 0
    assert len(project.databases(databases.PREFIX)) == KEPT
    assert first not in project.databases(databases.PREFIX)
