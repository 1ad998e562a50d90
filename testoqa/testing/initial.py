"""The rows that migrations left, such as content types and permissions: each set holds them."""

import psycopg
from psycopg.rows import tuple_row

from testoqa.testing import replay, scripts
from testoqa.testing.catalogue import SCHEMA, Table
from testoqa.testing.scripts import Change, Script

KEEP = f"""
CREATE TABLE {SCHEMA}.initial (content bytea NOT NULL)
"""


def initial(connection: psycopg.Connection, tables: dict[str, Table]) -> Script:
    """The rows of a database that no test has used, which remembers them for later runs.

    With --reuse-db a later run finds what an earlier one, perhaps killed, has left.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    there = cursor.execute(f"SELECT to_regclass('{SCHEMA}.initial') IS NOT NULL").fetchone()
    if there and there[0]:
        row = cursor.execute(f"SELECT content FROM {SCHEMA}.initial").fetchone()
        return scripts.parse(bytes(row[0])) if row else {}
    found = {
        name: Change(table.columns, rows=replay.copy_out(connection, table))
        for name, table in tables.items()
    }
    script = {name: change for name, change in found.items() if change}
    with connection.transaction():
        connection.execute(KEEP)
        connection.execute(f"INSERT INTO {SCHEMA}.initial VALUES (%s)", (scripts.dump(script),))
    return script
