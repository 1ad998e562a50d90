"""Whether a row was made by the test, or was there when it began."""

from collections.abc import Iterable
from typing import Any

import psycopg
from django.db.models import Model
from psycopg.rows import tuple_row

from testoqa.testing.catalogue import Table
from testoqa.testing.registry import EnsureDataError
from testoqa.testing.scripts import Change, Script


def is_new(
    connection: psycopg.Connection, table: Table, row: Model, scripts: Iterable[Script]
) -> bool:
    """Whether no script holds a row of this key, be it a number, a UUID or of several columns.

    So it does not matter which number a test gave, nor that it changed a recorded row.
    """
    key = _key(connection, table, row)
    changes = [script[table.name] for script in scripts if table.name in script]
    return not any(key in _keys(change, table) for change in changes)


def _key(connection: psycopg.Connection, table: Table, row: Model) -> tuple[bytes, ...]:
    """The row's key as COPY writes it."""
    fields: Any = row._meta.pk_fields
    same = " AND ".join(f'"{field.column}" = %s' for field in fields)
    values = [getattr(row, field.attname) for field in fields]
    query = f"COPY (SELECT {', '.join(_columns(table))} FROM {table.name} WHERE {same}) TO STDOUT"
    with connection.cursor(row_factory=tuple_row).copy(query, values) as copy:
        found = b"".join(bytes(part) for part in copy)
    if not found:
        raise EnsureDataError(
            f"created_in_test({row!r}): the database holds no such row. Ask before it is deleted, "
            "and after it is saved."
        )
    return tuple(found.removesuffix(b"\n").split(b"\t"))


def _keys(change: Change, table: Table) -> set[tuple[bytes, ...]]:
    places = [change.columns.index(column) for column in _columns(table)]
    lines = (line.split(b"\t") for line in change.rows.split(b"\n")[:-1])
    return {tuple(line[place] for place in places) for line in lines}


def _columns(table: Table) -> tuple[str, ...]:
    return table.key or table.columns
