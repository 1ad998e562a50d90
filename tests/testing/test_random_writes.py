"""Whatever two connections write between a test's beginning and end, the next begins the same."""

import os
import random

import psycopg
import pytest
from django.db import DatabaseError

from testoqa.testing import restoring
from tests.testing.cast import begin, next_numbers, same

ALL = os.environ.get("TESTOQA_TEST_ALL") == "1"
ROUNDS = int(os.environ.get("ROUNDS", "1000" if ALL else "40"))

WRITES = [
    "INSERT INTO tag (name) VALUES (gen_random_uuid())",
    "INSERT INTO tag (id, name) OVERRIDING SYSTEM VALUE VALUES ({n}, gen_random_uuid())",
    "UPDATE question SET score = score + 1 WHERE id % 3 = {n} % 3",
    "DELETE FROM answer WHERE id % 5 = {n} % 5 AND id NOT IN (SELECT accepted_id FROM question)",
    "TRUNCATE note",
    "TRUNCATE tag, job_event",
    "SET session_replication_role = replica; UPDATE author SET name = 'q'; "
    "SET session_replication_role = origin",
    "INSERT INTO event (run_id, what) VALUES (gen_random_uuid(), 'n')",
    "UPDATE event SET run_id = gen_random_uuid() WHERE what = '{n}'",
    "DELETE FROM event WHERE what = '{n}'",
    "INSERT INTO job (name) VALUES ('n')",
    "DELETE FROM job WHERE id % 2 = {n} % 2",
    "UPDATE doc SET title = 'n' WHERE title = 'doc {n}'",
    "INSERT INTO note VALUES ('same', 1)",
    "DELETE FROM note WHERE ctid = '(0,{n})'",
    "SELECT setval('tag_id_seq', 5)",
    "UPDATE small SET id = id + 1",
]


@pytest.mark.parametrize("mended", [False, True])
def test_random_writes_of_two_connections_leave_no_trace(cast, monkeypatch, mended):
    """Also not in the order of rows, unless a large table is mended row by row."""
    if mended:
        monkeypatch.setattr(restoring, "LARGE", 15)
    data = cast.data()
    begin(data, *cast.everything)
    start = cast.rows()
    numbers = next_numbers(cast)
    other = cast.other_connection()
    other.execute("SET lock_timeout = '50ms'")
    other.commit()
    for round_ in range(ROUNDS):
        begin(data, *cast.everything)
        dice = random.Random(round_)
        for _ in range(dice.randint(0, 10)):
            write = dice.choice(WRITES).format(n=dice.randint(1, 9))
            try:
                if dice.random() < 0.5:
                    cast.sql(write)
                else:
                    other.execute(write)
                    dice.choice([other.commit, other.rollback])()
            except (
                psycopg.Error,
                DatabaseError,
            ):  # what the database refuses leaves no trace either
                other.rollback()
        data.end()
        assert same(cast.rows(), start, any_order=mended), round_
        begin(data, *cast.everything)
        assert next_numbers(cast) == numbers, round_
    other.close()
