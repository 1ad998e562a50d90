"""One migrated template for all workers: a database is copied from it in a moment.

The template's name is a hash of the code that could make it another one. Databases that nobody
will use again are dropped: templates of older code, and those of runs that were killed.
"""

import hashlib
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakSet

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from testoqa.testing import catalogue, flags

PREFIX = "testoqa_tpl_"
KEPT = 2
"""Templates of a project: one for the code as it is, one for the branch that one comes from."""
UNUSED = 3600
"""Seconds after which a database of a killed run is dropped."""

FOUND = """
SELECT d.datname, shobj_description(d.oid, 'pg_database'),
    EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)
FROM pg_database d WHERE shobj_description(d.oid, 'pg_database') LIKE '{"testoqa.testing":%'
"""

OPENED: WeakSet[Any] = WeakSet()
"""Django's connections in all threads, as far as they were ever opened."""


@receiver(connection_created)
def _opened(connection: Any, **_: Any) -> None:
    OPENED.add(connection)


def template(alias: str) -> str:
    """The name of the template, which is made when the code has changed."""
    connection = connections[alias]
    project = connection.settings_dict["NAME"]
    name = PREFIX + fingerprint(project)[:16]
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            _make(connection, cursor, name)
            _describe(cursor, name, project=project)
            drop_dead(cursor, project, keep=name)
    return name


def fingerprint(project: str) -> str:
    """Of every source file of the installed apps, and of the day.

    Any of them may take part in a migration; some make what the date asks for, such as partitions.
    """
    found = hashlib.sha256()
    facts = [project, django.get_version(), f"{datetime.now(UTC):%F}", *settings.INSTALLED_APPS]
    found.update(repr(facts).encode())
    for config in apps.get_app_configs():
        for path in sorted(Path(config.path).rglob("*")):
            if path.suffix in (".py", ".sql") and path.is_file():
                found.update(str(path).encode() + b"\0")
                found.update(path.read_bytes())
    return found.hexdigest()


def renew(alias: str, source: str) -> None:
    """Put a fresh copy of the template in the place of the test database."""
    connection: Any = connections[alias]
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    _close_all(alias)
    connection.close_pool()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {connection.ops.quote_name(source)}")


def _close_all(alias: str) -> None:
    """Those of other threads too, and of event loops: whoever asks next opens another."""
    for opened in [connection for connection in OPENED if connection.alias == alias]:
        opened.inc_thread_sharing()
        try:
            opened.close()
        finally:
            opened.dec_thread_sharing()


def sign(alias: str) -> None:
    """Write into the database whose run it belongs to."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        _describe(cursor, connection.settings_dict["NAME"], pid=os.getpid())


def drop_dead(cursor: Any, project: str, *, keep: str) -> None:
    """Templates beyond the newest, and databases of runs that ended without dropping them."""
    cursor.execute(FOUND)
    found = [(name, json.loads(note), used) for name, note, used in cursor.fetchall()]
    templates = [(note["at"], name) for name, note, _ in found if note.get("project") == project]
    newest = {keep, *(name for _, name in sorted(templates, reverse=True)[:KEPT])}
    for _, name in templates:
        if name not in newest:
            cursor.execute(f"ALTER DATABASE {_quote(name)} IS_TEMPLATE false")
            cursor.execute(f"DROP DATABASE IF EXISTS {_quote(name)}")
    for name, note, used in found:
        if "pid" in note and not used and _dead(note):
            cursor.execute(f"DROP DATABASE IF EXISTS {_quote(name)}")


def _make(connection: Any, cursor: Any, name: str) -> None:
    quote = connection.ops.quote_name
    draft = quote(f"{name}_draft")
    cursor.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
    cursor.execute(f"CREATE DATABASE {draft}")
    _describe(cursor, f"{name}_draft", pid=os.getpid())
    with connected_to(connection, f"{name}_draft"):
        call_command(
            "migrate", verbosity=0, interactive=False, database=connection.alias, run_syncdb=True
        )
        flags.install(connection.connection, catalogue.tables(connection.connection))
        connection.connection.execute("ANALYZE")
    cursor.execute(f"ALTER DATABASE {draft} RENAME TO {quote(name)}")
    cursor.execute(f"ALTER DATABASE {quote(name)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true")


@contextmanager
def connected_to(connection: Any, name: str) -> Iterator[None]:
    """Let the alias lead to another database of the same server for a while."""
    connection.close()
    connection.close_pool()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        connection.ensure_connection()
        yield
    finally:
        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = before


def _describe(cursor: Any, name: str, **facts: Any) -> None:
    note = {"testoqa.testing": 1, "host": socket.gethostname(), "at": int(time.time()), **facts}
    cursor.execute(f"COMMENT ON DATABASE {_quote(name)} IS %s", [json.dumps(note)])


def _dead(note: dict[str, Any]) -> bool:
    """Whether the run ended; of another machine's runs only the time is known."""
    if time.time() - note["at"] < UNUSED:
        return False
    return note["host"] != socket.gethostname() or not _lives(note["pid"])


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
