"""Executions lie in one partition a month: that of the month in which their run was born.

Run ids are UUIDv7, so a range of ids is a range of time; a run lies in one partition, and retention
drops whole partitions. The default partition stays empty: a row in it means that the month's
partition was missing, and would stop it from being made later.
"""

from datetime import UTC, date, datetime
from uuid import UUID

from django.db import connection, transaction

TABLE = "executions_execution"
DEFAULT = f"{TABLE}_default"
MONTHS_AHEAD = 3


def first_id(day: date) -> UUID:
    """The lowest UUIDv7 of the day's first millisecond in UTC."""
    milliseconds = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def partition_name(month: date) -> str:
    return f"{TABLE}_{month:%Y_%m}"


def partition_of(run_id: UUID) -> str:
    """The partition of the month in which the run was born, whether it is there or not."""
    return partition_name(datetime.fromtimestamp((run_id.int >> 80) / 1000, UTC).date())


def make_partitions(today: date | None = None, *, using=connection) -> list[str]:
    """Make this month's and the next three months' partitions; returns the names of new ones."""
    month = (today or datetime.now(UTC).date()).replace(day=1)
    made = []
    with using.cursor() as cursor:
        for _ in range(MONTHS_AHEAD + 1):
            if make_partition(cursor, month):
                made.append(partition_name(month))
            month = next_month(month)
    return made


def make_partition(cursor, month):
    cursor.execute("SELECT to_regclass(%s)", [partition_name(month)])
    if cursor.fetchone()[0] is not None:
        return False
    cursor.execute(
        f"CREATE TABLE IF NOT EXISTS {partition_name(month)} PARTITION OF {TABLE} "
        f"FOR VALUES FROM ('{first_id(month)}') TO ('{first_id(next_month(month))}')"
    )
    return True


def analyze(partition: str) -> None:
    """Renew the planner's statistics; a partition that is gone, or not made, is passed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits "
            "WHERE inhparent = %s::regclass AND inhrelid = to_regclass(%s)",
            [TABLE, partition],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ANALYZE {name}")


def default_rows() -> bool:
    """Whether the default partition holds a row, which /readyz reports."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {DEFAULT})")
        return cursor.fetchone()[0]


@transaction.atomic
def move_default_rows() -> int:
    """Move the default partition's rows to partitions of their months; returns how many.

    Keys that point to executions are dropped meanwhile and checked anew, since a partition that is
    pointed to cannot be detached.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', uuid_extract_timestamp(run_id) AT TIME ZONE 'UTC')"
            f" FROM {DEFAULT}"
        )
        months = [row[0].date() for row in cursor.fetchall()]
        if not months:
            return 0
        keys = _keys_to_executions(cursor)
        for table, name, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {DEFAULT}")
        for month in months:
            make_partition(cursor, month)
        columns = _written_columns(cursor)
        cursor.execute(f"INSERT INTO {TABLE} ({columns}) SELECT {columns} FROM {DEFAULT}")
        moved = cursor.rowcount
        cursor.execute(f"TRUNCATE {DEFAULT}")
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {DEFAULT} DEFAULT")
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    return moved


def _keys_to_executions(cursor):
    """[(table, name, definition)] of the foreign keys of attempts and their like."""
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE contype = 'f' AND confrelid = %s::regclass AND conparentid = 0 "
        "ORDER BY 1, 2",
        [TABLE],
    )
    return cursor.fetchall()


def _written_columns(cursor):
    """Every column but the generated ones."""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [TABLE],
    )
    return cursor.fetchone()[0]
