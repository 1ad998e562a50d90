"""Brings a database back to its data set, touching only the tables that a test wrote."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from django.db import connections, transaction
from psycopg.rows import tuple_row

from testoqa.testing import catalogue, flags, replay, sequences
from testoqa.testing.catalogue import SCHEMA, Table
from testoqa.testing.flags import Look, Moved
from testoqa.testing.registry import EnsureDataError
from testoqa.testing.scripts import Change, Script

LARGE = 5_000
"""Rows above which changed rows are mended one by one rather than all rows copied anew."""
BLOATED = 4
"""Times its first size that a table may grow by rows that were deleted."""
SMALLEST = 64 * 1024
"""Bytes below which a table counts as this large, so that small ones are left to grow a little."""
PATIENCE = 5
"""Seconds to wait for a connection that still writes."""

WRITERS = """
SELECT pid, state, to_char(xact_start, 'HH24:MI:SS'), query FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
ORDER BY xact_start LIMIT 1
"""
"""Who may still commit rows that nobody sees yet."""

HOLDERS = """
SELECT a.pid, a.state, to_char(a.xact_start, 'HH24:MI:SS'), a.query, l.relation::regclass::text
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.granted AND l.relation = ANY(%s::oid[]) AND a.pid <> pg_backend_pid()
ORDER BY a.xact_start LIMIT 1
"""

SIZES = """
SELECT json_object_agg(whole, size) FROM (
    SELECT whole, sum(pg_relation_size(part)) AS size
    FROM unnest(ARRAY[{wholes}]::bigint[], ARRAY[{parts}]::oid[]) AS parts (whole, part) GROUP BY 1
) s
"""

BEGIN = f"""
SELECT pg_current_xact_id()::xid::text, ({{sizes}}),
    set_config('testoqa.quiet', 'on', true), set_config('lock_timeout', '{PATIENCE}s', true)
"""

FINGERPRINT = "SELECT %s, md5(string_agg(r, E'\\n' ORDER BY r)) FROM (SELECT {} AS r FROM {}) r"


@dataclass
class Contents:
    """All rows of a data set, as COPY text by table, in the order in which they lie."""

    names: tuple[str, ...]
    changes: Script

    def of(self, table: Table) -> Change:
        return self.changes.get(table.name) or Change(table.columns)


@dataclass(frozen=True)
class Begun:
    """A transaction of ours: the number after its own, and the bytes of the tables by oid.

    What later transactions write is not older than that number.
    """

    next: str
    sizes: dict[int, int]


class Database:
    """A test database, the data set that it holds, and how to bring it back to that."""

    def __init__(self, alias: str, say: Callable[[str], None] = print) -> None:
        self.alias = alias
        self.contents: Contents | None = None
        self.seeds: dict[str, int] = {}
        self.started_by = ""
        self.writes = 0
        self.seen: dict[str, int] = {}
        self.written: dict[int, str] = {}
        self.replica = replay.may_replicate(self.raw)
        if not self.replica:
            say(replay.advice(self.raw))
        self.look()

    @property
    def raw(self) -> psycopg.Connection:
        connection = connections[self.alias]
        connection.ensure_connection()
        return connection.connection

    @property
    def names(self) -> tuple[str, ...] | None:
        """The functions whose rows lie here; None once nobody knows what does."""
        return self.contents.names if self.contents else None

    def look(self) -> None:
        """Read the schema anew, and give a flag to tables that have none."""
        found = catalogue.tables(self.raw)
        flags.install(self.raw, found)
        self.bound = catalogue.bound(self.raw)
        ordered = catalogue.parents_first(found, self.bound)
        self.tables = {table.name: table for table in ordered}
        self.by_oid = {table.oid: table for table in ordered}
        self.views = catalogue.views(self.raw)
        self.structure = catalogue.structure(self.raw)
        self.large: set[int] = set()
        self.sizes: dict[int, int] = {}
        self._mark()

    def table(self, name: str) -> Table:
        """The table that a model calls so."""
        (oid,) = self._one("SELECT quote_ident(%s)::regclass::bigint", name)
        return self.by_oid[oid]

    def fill(self, names: tuple[str, ...], scripts: Iterable[Script]) -> Contents:
        """Empty the database, replay the scripts, and return all rows that make the data set."""
        with self._rewriting(self.tables.values()):
            self._empty_all()
            for script in scripts:
                replay.replay(self.raw, script, self.tables, replica=self.replica)
        found = {
            name: Change(table.columns, rows=replay.copy_out(self.raw, table))
            for name, table in self.tables.items()
        }
        self._hold(Contents(names, {name: change for name, change in found.items() if change}))
        assert self.contents is not None
        return self.contents

    def load(self, contents: Contents) -> None:
        """Empty the database and copy all rows of the data set."""
        with self._rewriting(self.tables.values()):
            self._empty_all()
            for table in self.tables.values():
                replay.copy_in(self.raw, table, contents.of(table))
        self._hold(contents)

    def forget(self) -> None:
        """Nobody knows what lies here: the next data set is loaded afresh."""
        self.contents = None
        self.large.clear()

    def look_for_changes(self) -> Look:
        """What the test has written, or made of the schema."""
        return flags.look(self.raw, self.writes)

    def restore(self, look: Look) -> bool:
        """Undo what was committed since the data set was there; False when nothing was."""
        assert self.contents is not None
        if look.seen is None:
            return False
        moved = self._with_children(flags.moved(self.seen, look.seen))
        touched = [table for oid, table in self.by_oid.items() if oid in moved.all]
        with self._rewriting(touched, still=look.still) as begun:
            bloated = self._bloated(begun.sizes)
            if not bloated:
                self._undo(touched, moved.modified)
        if bloated:
            self.load(self.contents)
            return True
        self.written.update(dict.fromkeys((table.oid for table in touched), begun.next))
        self.writes, self.seen = look.writes, look.seen
        return True

    def restart_sequences(self, seeds: Mapping[str, int] | None = None) -> int:
        """Returns the count of writes."""
        return sequences.restart(self.raw, self.seeds if seeds is None else seeds)

    def start_again(self) -> bool:
        """Numbers and rows as they are before each test; True when rows had to be put back."""
        moved = self.restart_sequences() != self.writes
        return moved and self.restore(self.look_for_changes())

    def fingerprint(self) -> dict[str, str | None]:
        """A hash of all rows by table, whatever their order."""
        parts, names = [], []
        for name, table in self.tables.items():
            parts.append(FINGERPRINT.format(f"ROW({table.column_list})::text", table.rows))
            names.append(name)
        cursor = self.raw.cursor(row_factory=tuple_row)
        return dict(cursor.execute(" UNION ALL ".join(parts), names).fetchall())

    def _hold(self, contents: Contents) -> None:
        self.contents = contents
        self.large.clear()
        self.sizes = _by_oid(*self._one(_sizes(self.by_oid.values())))
        self._mark()

    def _mark(self) -> None:
        """What is written from here on is the test's."""
        row = self._one("SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text")
        self.written = dict.fromkeys(self.by_oid, row[0])
        self.writes, self.seen = flags.count_of_writes(self.raw), flags.read(self.raw)

    @contextmanager
    def _rewriting(self, touched: Iterable[Table], *, still: bool | None = None) -> Iterator[Begun]:
        """A transaction that puts rows back, and tells who stands in its way."""
        tables = list(touched)
        if not still:
            self._await_writers()
        try:
            with transaction.atomic(using=self.alias, durable=True):
                begin = BEGIN.format(sizes=_sizes(tables))
                with replay.silence(
                    self.raw, tables, replica=self.replica, first=begin, commits=True
                ) as answer:
                    number, sizes, *_ = answer.fetchone() or ()
                    yield Begun(str(int(number) + 1), _by_oid(sizes))
                self._refresh({table.oid for table in tables})
        except BaseException as error:
            self.forget()
            if isinstance(error, psycopg.errors.LockNotAvailable):
                oids = [oid for table in tables for oid in (table.oid, *table.partitions)]
                if found := self._one(HOLDERS, oids):
                    raise self._in_the_way(*found) from error
            raise

    def _refresh(self, written: set[int]) -> None:
        """Let the materialised views show what lies in these tables now."""
        for view in self.views:
            if written & view.sources:
                self.raw.execute(f"REFRESH MATERIALIZED VIEW {view.name}")

    def _await_writers(self) -> None:
        """A transaction that still writes commits rows that this one could not see."""
        waited_until = time.monotonic() + PATIENCE
        while found := self._one(WRITERS):
            if time.monotonic() > waited_until:
                self.forget()
                raise self._in_the_way(*found)
            time.sleep(0.01)

    def _in_the_way(
        self, pid: int, state: str, since: str, query: str, table: str = ""
    ) -> EnsureDataError:
        where = f" on {table}" if table else ""
        return EnsureDataError(
            f"restore waited {PATIENCE} s for a lock{where} held by pid {pid}, {state} since "
            f'{since}, last query "{query}": a thread or connection started by '
            f"{self.started_by or 'a test'} was not joined or closed."
        )

    def _empty_all(self) -> None:
        if self.tables:
            self.raw.execute(f"TRUNCATE {', '.join(self.tables)}")

    def _undo(self, touched: Sequence[Table], modified: Set[int]) -> None:
        removals = [
            self._removal(table, modified=table.oid in modified) for table in reversed(touched)
        ]
        self.raw.execute(";".join(removals))
        for table in touched:
            if table.oid in modified:
                self._put_back(table)

    def _removal(self, table: Table, *, modified: bool) -> str:
        """SQL to remove rows of the test; all, where changed rows are copied anew."""
        everything = not self._of(table) or (modified and not self._is_large(table))
        condition = f"WHERE age(xmin) <= age('{self.written[table.oid]}'::xid)"
        return f"DELETE FROM {table.rows} {'' if everything else condition}"

    def _put_back(self, table: Table) -> None:
        """What the test changed or removed. New versions of changed rows are gone already."""
        if not self._is_large(table):
            replay.copy_in(self.raw, table, self._of(table))
            return
        base = self._base(table)
        same = " AND ".join(f"t.{column} = b.{column}" for column in table.key)
        self.raw.execute(
            f"INSERT INTO {table.name} ({table.column_list}) OVERRIDING SYSTEM VALUE "
            f"SELECT {table.column_list} FROM {base} b "
            f"WHERE NOT EXISTS (SELECT FROM {table.rows} t WHERE {same})"
        )

    def _base(self, table: Table) -> str:
        """A copy of the rows of a large table, made when first needed."""
        base = f"{SCHEMA}.base_{table.oid}"
        if table.oid not in self.large:
            self.raw.execute(
                f"DROP TABLE IF EXISTS {base}; CREATE UNLOGGED TABLE {base} AS "
                f"SELECT {table.column_list} FROM {table.rows} WITH NO DATA"
            )
            with self.raw.cursor().copy(f"COPY {base} FROM STDIN") as copy:
                copy.write(self._of(table).rows)
            self.raw.execute(f"ANALYZE {base}")
            self.large.add(table.oid)
        return base

    def _of(self, table: Table) -> Change:
        assert self.contents is not None
        return self.contents.of(table)

    def _is_large(self, table: Table) -> bool:
        return bool(table.key) and self._of(table).count > LARGE

    def _with_children(self, moved: Moved) -> Moved:
        """Without a replica's rights, rows that point to removed ones go or refuse at once."""
        if self.replica:
            return moved
        modified = set(moved.modified)
        while more := {child for parent, child in self.bound if parent in modified} - modified:
            modified |= more
        return Moved(moved.filled - modified, frozenset(modified))

    def _bloated(self, sizes: Mapping[int, int]) -> bool:
        return any(
            size > BLOATED * max(self.sizes.get(oid, 0), SMALLEST) for oid, size in sizes.items()
        )

    def _one(self, query: str, *parameters) -> tuple:
        row = self.raw.cursor(row_factory=tuple_row).execute(query, parameters or None).fetchone()
        return row or ()


def _sizes(tables: Iterable[Table]) -> str:
    """SQL for the bytes of each of them, all partitions together."""
    parts = [(table.oid, part) for table in tables for part in table.partitions or (table.oid,)]
    return SIZES.format(
        wholes=",".join(str(whole) for whole, _ in parts),
        parts=",".join(str(part) for _, part in parts),
    )


def _by_oid(sizes: Mapping[str, int] | None) -> dict[int, int]:
    return {int(oid): size for oid, size in (sizes or {}).items()}
