"""A database beside that of the site, with tables of every awkward kind, for the engine's tests."""

import os
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from testoqa.testing import ensure_data
from testoqa.testing.cache import Cache
from testoqa.testing.registry import registry
from testoqa.testing.session import Choices, TestData
from tests.testing.project import Project

collect_ignore = ["example"]
ALIAS = "scratch"
SCHEMA = (Path(__file__).parent / "schema.sql").read_text()


@pytest.fixture(scope="session")
def scratch_database(django_db_blocker):
    """Made once for each worker."""
    default = connections["default"]
    name = f"testoqa_scratch_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    with django_db_blocker.unblock():
        with default._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        connections.databases[ALIAS] = {
            **connections.databases["default"],
            "NAME": name,
            "OPTIONS": {},
        }
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(SCHEMA)
        connections[ALIAS].close()
    yield name
    with django_db_blocker.unblock():
        connections[ALIAS].close()
        del connections[ALIAS], connections.databases[ALIAS]
        with default._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def scratch(scratch_database, django_db_blocker, tmp_path):
    """An empty database, a registry without functions, and what makes test data of both."""
    functions, registry.functions = registry.functions, {}
    session, registry.session = registry.session, None
    with django_db_blocker.unblock():
        made = Scratch(tmp_path / "cache")
        made.empty()
        yield made
        if made.connection.in_atomic_block:
            made.connection.close()
        made.connection.close()
    registry.functions, registry.session = functions, session


@pytest.fixture
def cast(scratch):
    """Some rows in every table, and a set with rows in two of them."""

    @ensure_data
    def people():
        scratch.sql("INSERT INTO author (name) SELECT 'author ' || n FROM generate_series(1, 5) n")
        scratch.sql("INSERT INTO tag (name) SELECT 'tag ' || n FROM generate_series(1, 20) n")

    @ensure_data(people)
    def everything():
        scratch.sql(
            "INSERT INTO question (title, author_id) "
            "SELECT 'q' || n, 1 + n % 5 FROM generate_series(1, 30) n"
        )
        scratch.sql("INSERT INTO answer (body, question_id) SELECT 'a', id FROM question")
        scratch.sql(
            "UPDATE question q SET accepted_id = a.id FROM answer a WHERE question_id = q.id"
        )
        scratch.sql(
            "INSERT INTO event (run_id, what) "
            "SELECT gen_random_uuid(), n::text FROM generate_series(1, 40) n"
        )
        scratch.sql("INSERT INTO doc (title) SELECT 'doc ' || n FROM generate_series(1, 10) n")
        scratch.sql("INSERT INTO note VALUES ('same', 1), ('same', 1), ('other', 2)")
        scratch.sql("INSERT INTO job (name) VALUES ('a'), ('b')")
        scratch.sql("INSERT INTO small (name) VALUES ('a')")
        scratch.sql("INSERT INTO plain_child (small_id) VALUES (1)")
        scratch.sql("SELECT nextval('ticket') FROM generate_series(1, 7)")

    scratch.everything = ("people", "everything")
    return scratch


class Scratch:
    """The database of one test."""

    def __init__(self, folder):
        self.folder = folder
        self.said = []

    @property
    def connection(self):
        return connections[ALIAS]

    def sql(self, query, *parameters):
        """Run SQL as the code under test would; returns the rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, query, *parameters):
        return self.sql(query, *parameters)[0][0]

    def empty(self):
        self.sql("DROP SCHEMA IF EXISTS _testoqa CASCADE; DROP SCHEMA IF EXISTS extra CASCADE")
        self.sql(
            "DROP TABLE public.tag, author, question, answer, event, doc, note, job, "
            "job_event, small, plain_child; DROP FUNCTION tell_job; DROP SEQUENCE ticket"
        )
        self.sql(SCHEMA)

    def other_connection(self, **options):
        """A second connection, as a thread or a server would have it."""
        parameters = self.connection.get_connection_params()
        wanted = ("host", "port", "user", "password", "dbname")
        return psycopg.connect(
            **{name: parameters[name] for name in wanted if name in parameters}, **options
        )

    def data(self, mode="uncached", wanted=None, **choices):
        """Open the test data; what the registry holds is recorded or read."""
        data = TestData(
            ALIAS,
            registry,
            Choices(mode=mode, cache=Cache(self.folder), **choices),
            self.said.append,
        )
        registry.session = data
        data.open({"tests/test_x.py": registry.functions if wanted is None else wanted})
        return data

    def rows(self):
        """Every row of every table, in the order in which they lie, except generated values."""
        tables = (
            "tag",
            "author",
            "question",
            "answer",
            "event",
            "doc",
            "note",
            "job",
            "job_event",
            "small",
            "plain_child",
        )
        return {
            name: [row for (row,) in self.sql(f"SELECT t::text FROM {name} t")] for name in tables
        }


@pytest.fixture
def project(django_db_blocker, tmp_path, worker_name):
    """The example project, with a database of its own on the server of this test run."""
    with django_db_blocker.unblock():
        made = Project(tmp_path, f"example_{worker_name}_{tmp_path.name[-20:]}".lower())
        yield made
        drop_databases(made.database)


@pytest.fixture(scope="session")
def worker_name():
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def drop_databases(like):
    """The templates of the example stay in no test's way."""
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE position(%s in datname) > 0 "
            "OR position(%s in shobj_description(oid, 'pg_database')) > 0",
            [like, like],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
