"""Which tables were written, told by triggers that make no writer wait.

A trigger of each statement bumps a sequence, which never blocks and survives a roll-back: at worst
a table is called changed that is not. Writes of a transaction that will be rolled back for certain,
or that puts the data back, are kept quiet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg.rows import tuple_row

from testoqa.testing.catalogue import SCHEMA, STRUCTURE, Table

WRITES = f"(SELECT last_value + is_called::int FROM {SCHEMA}.writes)"
"""One number that moves whenever any flag does, read faster than all of them.

The first number that a sequence gives is the one that it shows before.
"""

FUNCTIONS = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC;
CREATE UNLOGGED SEQUENCE IF NOT EXISTS {SCHEMA}.writes;
CREATE OR REPLACE FUNCTION {SCHEMA}.flag() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF current_setting('testoqa.quiet', true) IS DISTINCT FROM 'on' THEN
        PERFORM nextval('{SCHEMA}.writes'), nextval(tg_argv[0]::oid::regclass);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION {SCHEMA}.flags() RETURNS json LANGUAGE plpgsql AS $$
BEGIN RETURN (
    SELECT json_object_agg(c.relname, coalesce(pg_sequence_last_value(s.seqrelid), 0))
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    WHERE c.relnamespace = '{SCHEMA}'::regnamespace
); END $$;
CREATE OR REPLACE FUNCTION {SCHEMA}.look(known bigint,
    OUT structure text, OUT writes bigint, OUT seen json, OUT still boolean
) LANGUAGE plpgsql AS $$
BEGIN
    structure := {SCHEMA}.structure();
    writes := {WRITES};
    IF writes <> known THEN
        seen := {SCHEMA}.flags();
        still := (SELECT pg_snapshot_xmin(s) = pg_snapshot_xmax(s) FROM pg_current_snapshot() s);
    END IF;
END $$;
"""
"""A look asks last whether somebody still writes: all whose flags it has seen are among them."""

FLAG = f"""
DO $$ DECLARE flag text; target bigint; BEGIN
    CREATE UNLOGGED SEQUENCE {SCHEMA}.{{kind}}_{{oid}};
    flag := '{SCHEMA}.{{kind}}_{{oid}}'::regclass::oid::text;
    FOREACH target IN ARRAY ARRAY[{{targets}}]::bigint[] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER {SCHEMA}_{{kind}} AFTER {{events}} ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.flag(%L); '
            'ALTER TABLE %1$s ENABLE ALWAYS TRIGGER {SCHEMA}_{{kind}}', target::regclass, flag);
        IF (SELECT relkind FROM pg_class WHERE oid = target) = 'r' THEN
            EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', target::regclass);
        END IF;
    END LOOP;
END $$;
"""
"""Always enabled, since a replica's session passes over all other triggers.

A vacuum of the background would let rows that are put back lie in another order.
"""

EVENTS = {"insert": "INSERT", "modify": "UPDATE OR DELETE OR TRUNCATE"}

QUIET = "SELECT set_config('testoqa.quiet', 'on', true)"
"""Says that no write of this transaction needs a flag."""


@dataclass(frozen=True)
class Look:
    """The sum of the structure, the count of writes and, if that moved, the flags.

    `still` says then that no transaction is about to commit what nobody sees yet.
    """

    structure: str
    writes: int
    seen: dict[str, int] | None
    still: bool | None


@dataclass(frozen=True)
class Moved:
    """Tables in which rows were only added, and those whose rows were changed or removed."""

    filled: frozenset[int]
    modified: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.filled or self.modified)

    @property
    def all(self) -> frozenset[int]:
        return self.filled | self.modified


def install(connection: psycopg.Connection, tables: Iterable[Table]) -> None:
    """Give a flag to each table that has none yet, and the database what tells of its structure."""
    connection.execute(FUNCTIONS)
    connection.execute(STRUCTURE)
    there = {
        name
        for (name,) in connection.cursor(row_factory=tuple_row).execute(
            f"SELECT relname FROM pg_class WHERE relnamespace = '{SCHEMA}'::regnamespace"
        )
    }
    for table in tables:
        targets = ",".join(str(oid) for oid in dict.fromkeys((table.oid, *table.partitions)))
        for kind, events in EVENTS.items():
            if f"{kind}_{table.oid}" not in there:
                connection.execute(
                    FLAG.format(kind=kind, oid=table.oid, targets=targets, events=events)
                )


def read(connection: psycopg.Connection) -> dict[str, int]:
    """The flags as they stand."""
    cursor = connection.cursor(row_factory=tuple_row)
    row = cursor.execute(f"SELECT {SCHEMA}.flags()").fetchone()
    return row[0] if row else {}


def look(connection: psycopg.Connection, known: int) -> Look:
    """All that may have changed since there were this many writes, in one question."""
    cursor = connection.cursor(row_factory=tuple_row)
    row = cursor.execute(f"SELECT * FROM {SCHEMA}.look({known})").fetchone()
    assert row is not None
    return Look(*row)


def count_of_writes(connection: psycopg.Connection) -> int:
    row = connection.cursor(row_factory=tuple_row).execute(f"SELECT {WRITES}").fetchone()
    return row[0] if row else 0


def moved(before: Mapping[str, int], after: Mapping[str, int]) -> Moved:
    """What was written between two readings."""
    changed = {name for name, value in after.items() if before.get(name) != value}
    modified = {_table(name) for name in changed if name.startswith("modify_")}
    filled = {_table(name) for name in changed if name.startswith("insert_")}
    return Moved(frozenset(filled - modified), frozenset(modified))


def _table(flag: str) -> int:
    return int(flag.partition("_")[2])
