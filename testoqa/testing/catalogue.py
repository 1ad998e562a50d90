"""What the database itself says of its tables: nothing is asked of Django's models.

So tables that no model manages are known too, and columns as they are after migrations by hand.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.rows import tuple_row

SCHEMA = "_testoqa"
"""Where the plugin keeps what is its own within a test database."""

DATA_TABLES = f"""
    c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND c.relname <> 'django_migrations'
    AND c.relnamespace NOT IN (
        SELECT oid FROM pg_namespace
        WHERE nspname IN ('pg_catalog', 'information_schema', '{SCHEMA}') OR nspname LIKE 'pg\\_%'
    )
    AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
"""
"""Django's record of migrations is no data, and an extension looks after its own tables."""

TABLES = f"""
SELECT c.oid::bigint, c.oid::regclass::text, c.relkind = 'p',
    ARRAY(
        SELECT quote_ident(attname) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        ORDER BY attnum
    ),
    ARRAY(
        SELECT quote_ident(a.attname) FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary
        ORDER BY array_position(i.indkey::smallint[], a.attnum)
    ),
    ARRAY(SELECT relid::oid::bigint FROM pg_partition_tree(c.oid) WHERE isleaf ORDER BY 1)
FROM pg_class c WHERE {DATA_TABLES} ORDER BY 2
"""

BOUND = f"""
SELECT k.confrelid::bigint, k.conrelid::bigint FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid <> k.confrelid
    AND (k.confdeltype <> 'a' OR NOT k.condeferrable) AND {DATA_TABLES}
"""
"""Foreign keys that act, or refuse, at once when a parent's row goes: (parent, child)."""

VIEWS = """
WITH RECURSIVE direct AS (
    SELECT r.ev_class AS view, d.refobjid AS source FROM pg_rewrite r
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
), sources AS (
    SELECT view, source FROM direct
    UNION SELECT s.view, d.source FROM sources s JOIN direct d ON d.view = s.source
)
SELECT v.oid::bigint, v.oid::regclass::text,
    array_agg(coalesce(pg_partition_root(s.source), s.source)::oid::bigint)
FROM pg_class v JOIN sources s ON s.view = v.oid LEFT JOIN pg_class c ON c.oid = s.source
WHERE v.relkind = 'm'
GROUP BY v.oid ORDER BY count(*) FILTER (WHERE c.relkind = 'm'), 2
"""
"""Materialised views, each after those that it reads, which are always fewer."""

SHAPE = f"""
SELECT c.oid::regclass::text, c.relkind,
    ARRAY(
        SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attgenerated,
            attidentity, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    )::text,
    ARRAY(
        SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = c.oid ORDER BY 1
    )::text,
    ARRAY(
        SELECT pg_get_triggerdef(oid) FROM pg_trigger
        WHERE tgrelid = c.oid AND NOT tgisinternal AND tgname NOT LIKE '{SCHEMA}%' ORDER BY 1
    )::text,
    ARRAY(SELECT pg_get_expr(p.relpartbound, p.oid) FROM pg_class p
        WHERE p.oid IN (SELECT relid FROM pg_partition_tree(c.oid)) ORDER BY 1)::text
FROM pg_class c WHERE {DATA_TABLES} ORDER BY 1
"""

STRUCTURE = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.structure() RETURNS text STABLE LANGUAGE plpgsql AS $$
BEGIN RETURN (
    WITH own AS MATERIALIZED (
        SELECT oid, relnatts + relchecks AS parts FROM pg_class
        WHERE oid >= 16384 AND relnamespace = current_schema()::regnamespace
    )
    SELECT concat_ws(' ',
        (SELECT concat_ws(' ', count(*), sum(parts)) FROM own),
        (SELECT concat_ws(' ', count(*) FILTER (WHERE attisdropped), sum(attnotnull::int),
                sum(atttypid::bigint), sum(atttypmod), sum(hashname(attname)::bigint))
            FROM pg_attribute WHERE attrelid = ANY(ARRAY(SELECT oid FROM own))),
        (SELECT sum(oid::bigint) FROM pg_attrdef WHERE adrelid = ANY(ARRAY(SELECT oid FROM own))),
        (SELECT sum(oid::bigint) FROM pg_constraint
            WHERE oid >= 16384 AND connamespace = current_schema()::regnamespace),
        (SELECT concat_ws(' ', count(*), max(xmin::text::bigint)) FROM pg_proc
            WHERE oid >= 16384 AND pronamespace = current_schema()::regnamespace),
        (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal),
        (SELECT count(*) FROM pg_namespace WHERE oid >= 16384 AND nspname NOT LIKE 'pg\\_%')
    )
); END $$
"""
"""A few sums that move when a table, column, default, constraint, index or function does.

A default or a constraint that changes gets a new number. PostgreSQL's own objects have numbers
below 16384. The database plans a function once, which takes longer than finding this.
"""


@dataclass(frozen=True)
class Table:
    """One table with its names as SQL writes them; the partitions are those that hold rows."""

    oid: int
    name: str
    partitioned: bool
    columns: tuple[str, ...]
    key: tuple[str, ...]
    partitions: tuple[int, ...]

    @property
    def rows(self) -> str:
        """What to read and delete from: not the rows of tables that inherit from it."""
        return self.name if self.partitioned else f"ONLY {self.name}"

    @property
    def row_name(self) -> str:
        """What tells a row from others: its key or, without one, all that it holds."""
        return f"ROW({', '.join(self.key or self.columns)})::text"

    @property
    def column_list(self) -> str:
        return ", ".join(self.columns)


@dataclass(frozen=True)
class View:
    """A materialised view, and the tables that it reads, also through other views."""

    oid: int
    name: str
    sources: frozenset[int]


def views(connection: psycopg.Connection) -> list[View]:
    """Every materialised view, each after those that it reads."""
    return [View(oid, name, frozenset(sources)) for oid, name, sources in _rows(connection, VIEWS)]


def tables(connection: psycopg.Connection) -> list[Table]:
    """Every table whose rows are data, by name."""
    return [
        Table(oid, name, partitioned, tuple(columns), tuple(key), tuple(leaves))
        for oid, name, partitioned, columns, key, leaves in _rows(connection, TABLES)
        if columns
    ]


def bound(connection: psycopg.Connection) -> list[tuple[int, int]]:
    """(parent, child) of the foreign keys which cannot wait until the transaction ends."""
    return [(parent, child) for parent, child in _rows(connection, BOUND)]


def parents_first(found: Sequence[Table], edges: Sequence[tuple[int, int]]) -> list[Table]:
    """The tables in an order in which such keys can be filled; of a circle, any order."""
    by_oid = {table.oid: table for table in found}
    ordered: dict[int, Table] = {}
    begun: set[int] = set()

    def visit(oid: int) -> None:
        if oid in begun:
            return
        begun.add(oid)
        for parent, child in edges:
            if child == oid and parent in by_oid:
                visit(parent)
        ordered[oid] = by_oid[oid]

    for table in found:
        visit(table.oid)
    return list(ordered.values())


def fingerprint_of_schema(connection: psycopg.Connection) -> str:
    """Changes whenever a table, column, default, constraint, trigger or partition does."""
    shape = repr(_rows(connection, SHAPE))
    return hashlib.sha256(shape.encode()).hexdigest()


def structure(connection: psycopg.Connection) -> str:
    """Tells at little cost whether a test has changed the schema."""
    return str(_rows(connection, f"SELECT {SCHEMA}.structure()")[0][0])


def _rows(connection: psycopg.Connection, query: str) -> list[tuple]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(query)
        return cursor.fetchall()
