"""Runs a function once and records what its transaction wrote, however it wrote it.

Rows are known by the transaction that made them: the ORM, raw SQL, COPY, triggers and savepoints
all count. The range of transactions begins before the function does, since each savepoint has a
number of its own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import psycopg
from django.db import connections, transaction
from psycopg.rows import tuple_row

from testoqa.testing import flags, replay, sequences, undecorated
from testoqa.testing.catalogue import Table
from testoqa.testing.registry import EnsureDataError, Populate, where
from testoqa.testing.scripts import Change, Script

NEXT_TRANSACTION = "SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text"


class Recorder:
    """Records functions one after another on one database; `modules` are those of test data."""

    def __init__(
        self, alias: str, tables: Mapping[str, Table], modules: Iterable[str] = ()
    ) -> None:
        self.alias = alias
        self.modules = tuple(modules)
        self.tables = tables
        self.by_oid = {table.oid: table for table in tables.values()}
        self.running: list[str] = []
        self.last = "the start"
        self.known = {name: self._names(table) for name, table in tables.items()}
        self._look()

    @property
    def raw(self) -> psycopg.Connection:
        connection = connections[self.alias]
        connection.ensure_connection()
        return connection.connection

    def record(self, function: Populate) -> Script:
        """Run the function in a transaction of its own; a failure leaves nothing behind."""
        self._require_own_transaction(function)
        self.require_nothing_written()
        before = sequences.positions(self.raw)
        self.running.append(function.name)
        try:
            with transaction.atomic(using=self.alias, durable=True):
                # The first hook of all: what later ones write was written outside.
                transaction.on_commit(self._look, using=self.alias)
                since = self._next_transaction()
                seen = flags.read(self.raw)
                with undecorated.refused(self.modules, function.name):
                    function.body()
                self.raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
                self.raw.execute(replay.PLAIN)
                moved = flags.moved(seen, flags.read(self.raw))
                touched = sorted(self.by_oid[oid].name for oid in moved.all if oid in self.by_oid)
                changes = {name: self._change(self.tables[name], since) for name in touched}
                _require_no_restart(function, before, sequences.positions(self.raw))
                known = {name: self._names(self.tables[name]) for name in touched}
        except BaseException:
            self._look()
            raise
        finally:
            self.running.pop()
        self.last = function.name
        self.known.update(known)
        return {name: change for name, change in changes.items() if change}

    def require_nothing_written(self) -> None:
        """Refuse rows that no function's transaction wrote: they would be in no script."""
        moved = flags.moved(self.seen, flags.read(self.raw))
        names = sorted(self.by_oid[oid].name for oid in moved.all if oid in self.by_oid)
        counts = {name: self._written_outside(self.tables[name]) for name in names}
        strangers = [name for name in names if counts[name]]
        if strangers:
            raise EnsureDataError(
                f"{sum(counts.values())} rows in {', '.join(strangers)} were written during the "
                f"build outside any @ensure_data function, after {self.last}. "
                f"{undecorated.suspicion(self.modules) or OTHERWISE}"
            )

    def _require_own_transaction(self, function: Populate) -> None:
        if self.running:
            caller = self.running[-1]
            raise EnsureDataError(
                f"{caller} calls {function.name}() from its body, so the rows of both could not "
                f"be told apart. Declare it: @ensure_data({function.name!r}) above {caller}."
            )
        if connections[self.alias].in_atomic_block:
            raise EnsureDataError(
                f"{function.name}() must start its own transaction, but was called inside "
                "atomic(). A populate function is recorded by what its transaction wrote. Name "
                f"it in @uses({function.name}) above the test."
            )

    def _change(self, table: Table, since: str) -> Change:
        order = f" ORDER BY {', '.join(table.key)}" if table.key else ""
        new = f"WHERE age(xmin) <= age('{since}'::xid)"
        old = self._names(table, f"WHERE age(xmin) > age('{since}'::xid)")
        return Change(
            table.columns,
            self.known[table.name] - old,
            replay.copy_out(self.raw, table, new + order),
        )

    def _names(self, table: Table, condition: str = "") -> Counter[str]:
        query = f"SELECT {table.row_name}, count(*) FROM {table.rows} {condition} GROUP BY 1"
        return Counter(dict(self.raw.cursor(row_factory=tuple_row).execute(query).fetchall()))

    def _written_outside(self, table: Table) -> int:
        """How many rows were added, changed or removed since the last look."""
        new, kept = self._one(
            "SELECT array[count(*) FILTER (WHERE young), count(*) FILTER (WHERE NOT young)] FROM "
            f"(SELECT age(xmin) <= age('{self.since}'::xid) AS young FROM {table.rows}) r"
        )
        return new or self.known[table.name].total() - kept

    def _look(self) -> None:
        self.seen, self.since = flags.read(self.raw), self._next_transaction()

    def _next_transaction(self) -> str:
        return self._one(NEXT_TRANSACTION)

    def _one(self, query: str):
        row = self.raw.cursor(row_factory=tuple_row).execute(query).fetchone()
        return row[0] if row else None


OTHERWISE = (
    "A transaction.on_commit() hook, a thread or an import of a module may have written them: "
    "write them in a function decorated with @ensure_data."
)


def _require_no_restart(
    function: Populate, before: Mapping[str, int], after: Mapping[str, int]
) -> None:
    """A sequence that goes back gives numbers that other scripts hold."""
    for name, last in after.items():
        if last < before.get(name, last):
            raise EnsureDataError(
                f"{function.name} sets the sequence {name} back from {before[name]} to {last} "
                f"({where(function.body)}): its rows would take numbers of other scripts. Leave "
                "sequences alone; every test begins at the same numbers without it."
            )
