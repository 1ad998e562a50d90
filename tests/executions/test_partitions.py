"""Executions lie in the partition of the month in which their run was born."""

import io
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection

from apps.executions import partitions
from apps.executions.lifecycle import set_verdict
from apps.executions.models import Execution
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run, owner_of, send_results
from tests.runs.counting import assert_counts

pytestmark = uses(populate_cast)


def tables():
    """{table: how many executions lie in it}"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text, count(*) FROM executions_execution GROUP BY 1"
        )
        return dict(cursor.fetchall())


def month_of(run):
    return partitions.partition_of(run.pk)


def run_born(project, when):
    """A run whose id is of that moment, as one that was made then."""
    milliseconds = int(when.timestamp() * 1000)
    made = make_run(project)
    born = UUID(int=(milliseconds << 80) | (made.pk.int & ((1 << 80) - 1)))
    type(made).objects.filter(pk=made.pk).update(id=born)
    return type(made).objects.get(pk=born)


@pytest.mark.parametrize(
    ("month", "after"),
    [
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2027, 1, 1), date(2027, 2, 1)),
    ],
)
def test_months_follow_each_other(month, after):
    assert partitions.next_month(month) == after


def test_partitions_meet_without_a_gap(project):
    made = partitions.make_partitions(date(2031, 11, 17))
    assert made == [
        f"executions_execution_20{name}" for name in ("31_11", "31_12", "32_01", "32_02")
    ]
    assert partitions.make_partitions(date(2031, 11, 30)) == []
    for moment, table in [
        (datetime(2031, 12, 31, 23, 59, 59, 999_000, UTC), made[1]),
        (datetime(2032, 1, 1, 0, 0, 0, 0, UTC), made[2]),
    ]:
        run = run_born(project, moment)
        send_results(run, "a")
        assert month_of(run) == table
        assert tables()[table] == 1


def test_a_month_without_a_partition_is_an_alarm(project):
    assert not partitions.default_rows()
    send_results(run_born(project, datetime(2041, 5, 3, tzinfo=UTC)), "a")
    assert partitions.default_rows()


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_default_partition_move_to_their_month_with_all_that_hangs_from_them(project):
    person = owner_of(project)
    lost = run_born(project, datetime(2041, 5, 3, tzinfo=UTC))
    later = run_born(project, datetime(2041, 6, 3, tzinfo=UTC))
    send_results(lost, {"name": "a", "status": "failed"}, {"name": "a", "attempt": 2}, "b")
    send_results(later, "a")
    set_verdict(lost.executions.order_by("id").last(), "blocked", by=person)
    before = list(Execution.objects.order_by("id").values())
    keys = foreign_keys()
    partitions.make_partitions()  # a month may have begun since the database was made
    try:
        said = io.StringIO()
        call_command("repair_partitions", stdout=said)
        assert said.getvalue() == "Rows moved: 3. Partitions made: none.\n"
        assert not partitions.default_rows()
        assert tables() == {"executions_execution_2041_05": 2, "executions_execution_2041_06": 1}
        assert list(Execution.objects.order_by("id").values()) == before
        assert foreign_keys() == keys
        assert lost.attempts.count() == lost.evaluations.count() == 1
        assert_counts(lost, passed=1, blocked=1, flaky=1)
        send_results(lost, "c")
        assert partitions.move_default_rows() == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE executions_execution, executions_attempt, executions_evaluation, "
                "executions_executionartifact"
            )
            for name in tables_of(2041):
                cursor.execute(f"ALTER TABLE executions_execution DETACH PARTITION {name}")
                cursor.execute(f"DROP TABLE {name}")


def tables_of(year):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %s",
            [f"executions_execution_{year}_%"],
        )
        return [row[0] for row in cursor.fetchall()]


def foreign_keys():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated "
            "FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
            "AND (confrelid = 'executions_execution'::regclass "
            "OR conrelid = 'executions_execution'::regclass) ORDER BY 1, 2"
        )
        return cursor.fetchall()
