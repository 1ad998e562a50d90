"""Where numbers go on: far above the data, and at the same value in every test."""

from collections.abc import Mapping

import psycopg
from psycopg.rows import tuple_row

from testoqa.testing.flags import WRITES

HEADROOM = 1_000_000

SEQUENCES = """
SELECT s.oid::regclass::text, coalesce(pg_sequence_last_value(s.oid), q.seqstart - q.seqincrement),
    q.seqmax, q.seqincrement, d.refobjid::regclass::text, quote_ident(a.attname)
FROM pg_class s JOIN pg_sequence q ON q.seqrelid = s.oid
LEFT JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE s.relkind = 'S' AND s.relpersistence <> 't' AND s.relnamespace NOT IN (
    SELECT oid FROM pg_namespace
    WHERE nspname IN ('pg_catalog', 'information_schema', '_testoqa') OR nspname LIKE 'pg\\_%'
)
ORDER BY 1
"""
"""All sequences, with the column that owns each: serial and identity columns alike."""

RESTART = f"""
SELECT {WRITES}, count(setval(name::regclass, value, false))
FROM unnest(%s::text[], %s::bigint[]) AS seeds (name, value)
"""


def positions(connection: psycopg.Connection) -> dict[str, int]:
    """The number that each sequence gave last."""
    rows = connection.cursor(row_factory=tuple_row).execute(SEQUENCES).fetchall()
    return {name: last for name, last, *_ in rows}


def seeds(connection: psycopg.Connection, headroom: int = HEADROOM) -> dict[str, int]:
    """The first number of every test: this far above each number in the data.

    A sequence that no column owns, or that counts down, goes on from where the data left it.
    """
    found = {}
    cursor = connection.cursor(row_factory=tuple_row)
    for name, last, limit, step, table, column in cursor.execute(SEQUENCES).fetchall():
        if column is None or step < 0:
            found[name] = min(last + step, limit)
            continue
        cursor.execute(f"SELECT coalesce(max({column}), 0) FROM {table}")
        row = cursor.fetchone()
        found[name] = seed(row[0] if row else 0, limit, headroom)
    return found


def seed(highest: int, limit: int, headroom: int = HEADROOM) -> int:
    """A number that leaves this headroom, or half of what is left to the limit."""
    if highest >= limit:
        return limit
    return min(highest + headroom, highest + 1 + (limit - highest) // 2)


def restart(connection: psycopg.Connection, seeds: Mapping[str, int]) -> int:
    """Let every sequence go on at its seed; a roll-back does not undo this, nor what it undoes.

    Returns the count of writes, so that this and the look for changes are one question.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    row = cursor.execute(RESTART, (list(seeds), list(seeds.values()))).fetchone()
    return row[0] if row else 0


def following(connection: psycopg.Connection, seeds: Mapping[str, int]) -> dict[str, int]:
    """The number that each sequence gives next, for tests that begin in the middle of a class."""
    rows = connection.cursor(row_factory=tuple_row).execute(
        "SELECT name, pg_sequence_last_value(name::regclass) + q.seqincrement "
        "FROM unnest(%s::text[]) AS seeds (name) "
        "JOIN pg_sequence q ON q.seqrelid = name::regclass",
        (list(seeds),),
    )
    return {name: seeds[name] if value is None else value for name, value in rows.fetchall()}
