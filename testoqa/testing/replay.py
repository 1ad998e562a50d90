"""Puts recorded rows into the database as they were, without letting triggers add to them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg.rows import tuple_row

from testoqa.testing import catalogue, flags
from testoqa.testing.catalogue import Table
from testoqa.testing.scripts import Change, Script

PLAIN = """
SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'
"""
"""Values have one spelling, whatever the session that reads or writes them."""

REMOVE = """
DELETE FROM {rows} AS d USING (
    SELECT tableoid AS part, ctid AS place, {row_name} AS name,
        row_number() OVER (PARTITION BY {row_name}) AS number
    FROM {rows}
) AS r JOIN unnest(%s::text[], %s::bigint[]) AS gone (name, count) USING (name)
WHERE r.number <= gone.count AND d.tableoid = r.part AND d.ctid = r.place
"""
"""Of rows that are alike, in a table without a key, as many go as were removed."""

USER_TRIGGERS = """
SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled FROM pg_trigger
WHERE NOT tgisinternal AND tgparentid = 0 AND tgenabled IN ('O', 'A')
    AND tgname NOT LIKE '\\_testoqa%%' AND tgrelid = ANY(%s::oid[])
"""


def may_replicate(connection: psycopg.Connection) -> bool:
    """Whether the role may pass over foreign keys and triggers, which is faster."""
    row = (
        connection.cursor(row_factory=tuple_row)
        .execute(
            "SELECT rolsuper OR has_parameter_privilege('session_replication_role', 'SET') "
            "FROM pg_roles WHERE rolname = current_user"
        )
        .fetchone()
    )
    return bool(row and row[0])


def advice(connection: psycopg.Connection) -> str:
    """What to tell somebody whose role may not."""
    return (
        "no permission to set session_replication_role: replays will check foreign keys "
        "(2–3 × slower). GRANT SET ON PARAMETER session_replication_role TO "
        f'"{connection.info.user}";'
    )


@contextmanager
def silence(
    connection: psycopg.Connection,
    tables: Iterable[Table],
    *,
    replica: bool,
    first: str = "SELECT",
    commits: bool = False,
) -> Iterator[psycopg.Cursor]:
    """Within a transaction, write rows to these tables as they are: no trigger adds its own.

    A role that may not act as a replica disables the triggers one by one, and lets the database
    check foreign keys. `first` is a query that goes along, and whose answer is yielded; `commits`
    says that the transaction ends next, so that nothing of a replica need be set back.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    if replica:
        yield cursor.execute(f"{first}; {PLAIN}; SET LOCAL session_replication_role = replica")
        if not commits:
            connection.execute("SET LOCAL session_replication_role = origin")
        return
    answer = cursor.execute(f"{first}; {PLAIN}")
    oids = [oid for table in tables for oid in (table.oid, *table.partitions)]
    triggers = connection.cursor(row_factory=tuple_row).execute(USER_TRIGGERS, (oids,)).fetchall()
    connection.execute("SET CONSTRAINTS ALL DEFERRED")
    for table, trigger, _ in triggers:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield answer
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table, trigger, state in triggers:
        always = "ALWAYS " if state == "A" else ""
        connection.execute(f"ALTER TABLE {table} ENABLE {always}TRIGGER {trigger}")


def copy_in(connection: psycopg.Connection, table: Table, change: Change) -> None:
    """Add the rows."""
    if change.rows:
        columns = ", ".join(change.columns)
        with connection.cursor().copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            copy.write(change.rows)


def copy_out(connection: psycopg.Connection, table: Table, condition: str = "") -> bytes:
    """COPY text of the table's rows, in the order in which they lie there."""
    query = f"SELECT {table.column_list} FROM {table.rows} {condition}"
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)


def replay(
    connection: psycopg.Connection,
    script: Script,
    tables: Mapping[str, Table],
    *,
    replica: bool,
    quiet: bool = False,
) -> None:
    """Do again what a function did; within a transaction. `quiet` leaves no flag."""
    touched = [tables[name] for name in script]
    if not replica:
        touched = catalogue.parents_first(touched, catalogue.bound(connection))
    if quiet:
        connection.execute(flags.QUIET)
    with silence(connection, touched, replica=replica):
        for table in reversed(touched):
            _remove(connection, table, script[table.name])
        for table in touched:
            copy_in(connection, table, script[table.name])


def _remove(connection: psycopg.Connection, table: Table, change: Change) -> None:
    if change.removed:
        connection.execute(
            REMOVE.format(rows=table.rows, row_name=table.row_name),
            (list(change.removed), list(change.removed.values())),
        )
