"""What a function wrote, however it wrote it, comes back the same."""

import sys
import types

import psycopg
import pytest
from django.db import transaction

from testoqa.testing import EnsureDataError, ensure_data
from tests.testing.conftest import ALIAS


def replayed(scratch, data, *functions):
    """The rows after these functions were replayed into a database of their own."""
    data.begin(data.names(functions, "test"), "test")
    return scratch.rows()


def test_r03_r06_r08_a_function_runs_once_and_is_replayed_from_then_on(scratch):
    runs = []

    @ensure_data
    def tags():
        runs.append("tags")
        scratch.sql(
            "INSERT INTO tag (name, info) VALUES ('tab\there\nand \\ ''q'' é', '[1, null]')"
        )
        scratch.sql("INSERT INTO tag (name) VALUES (NULL), ('')")

    @ensure_data(tags)
    def docs():
        runs.append("docs")
        scratch.sql("INSERT INTO doc (title) VALUES ('one')")

    data = scratch.data()
    assert runs == ["tags", "docs"]
    first = replayed(scratch, data, docs)
    assert len(first["tag"]) == 3 and first["doc"][0].endswith(
        ',ONE,"' + first["doc"][0].split('"')[1] + '")'
    )
    scratch.sql("DELETE FROM tag; UPDATE doc SET title = 'two'")
    assert replayed(scratch, data, docs) == first
    docs(), tags()
    assert runs == ["tags", "docs"] and scratch.rows() == first


def test_r11_savepoints_raw_sql_copy_and_triggers_are_recorded(scratch):
    @ensure_data
    def much():
        with transaction.atomic(using=ALIAS):
            scratch.sql("INSERT INTO tag (name) VALUES ('savepoint')")
        try:
            with transaction.atomic(using=ALIAS):
                scratch.sql("INSERT INTO tag (name) VALUES ('gone')")
                raise ValueError
        except ValueError:
            pass
        raw = scratch.connection.connection
        with raw.cursor().copy("COPY note FROM STDIN") as copy:
            copy.write("copied\t1\ncopied\t1\n")
        scratch.sql("INSERT INTO job (name) VALUES ('told')")

    data = scratch.data()
    assert set(data.recorded.scripts["much"]) == {"tag", "note", "job", "job_event"}
    rows = replayed(scratch, data, much)
    assert "gone" not in str(rows) and len(rows["note"]) == 2
    assert len(rows["job"]) == len(rows["job_event"]) == 1


def test_r12_a_changed_row_of_a_dependency_is_recorded_as_its_change(scratch):
    @ensure_data
    def tags():
        scratch.sql("INSERT INTO tag (name) VALUES ('a'), ('z')")
        scratch.sql("INSERT INTO note VALUES ('same', 1), ('same', 1), ('same', 1), ('other', 2)")

    @ensure_data(tags)
    def renamed():
        scratch.sql("UPDATE tag SET name = 'b' WHERE name = 'a'")
        scratch.sql("UPDATE note SET number = 5 WHERE ctid = '(0,1)'")
        scratch.expected = {name: sorted(rows) for name, rows in scratch.rows().items()}

    data = scratch.data()
    change = data.recorded.scripts["renamed"]["tag"]
    assert change.removed.total() == 1 and change.count == 1
    rows = replayed(scratch, data, renamed)
    assert {name: sorted(found) for name, found in rows.items()} == scratch.expected
    assert "(1,a,)" in replayed(scratch, data, tags)["tag"]


def test_r13_a_removed_row_of_a_dependency_is_recorded(scratch):
    @ensure_data
    def tags():
        scratch.sql("INSERT INTO tag (name) VALUES ('a'), ('z')")
        scratch.sql("INSERT INTO note VALUES ('same', 1), ('same', 1)")

    @ensure_data(tags)
    def fewer():
        scratch.sql("DELETE FROM tag WHERE name = 'a'")
        scratch.sql("DELETE FROM note WHERE ctid = '(0,1)'")

    data = scratch.data()
    rows = replayed(scratch, data, fewer)
    assert rows["tag"] == ["(2,z,)"] and rows["note"] == ["(same,1)"]
    assert len(replayed(scratch, data, tags)["tag"]) == 2


def test_r14_any_of_the_functions_can_be_replayed_together(scratch):
    @ensure_data
    def a():
        scratch.sql("INSERT INTO tag (name) VALUES ('a')")
        scratch.sql("INSERT INTO note VALUES ('a', 1)")

    @ensure_data
    def b():
        scratch.sql("INSERT INTO tag (name) VALUES ('b')")
        scratch.sql("INSERT INTO note VALUES ('b', 1)")

    data = scratch.data()
    assert replayed(scratch, data, b)["note"] == ["(b,1)"]
    assert replayed(scratch, data, b)["tag"] == ["(2,b,)"]
    assert replayed(scratch, data, a, b)["tag"] == ["(1,a,)", "(2,b,)"]


def test_partitions_uuids_and_circles_of_keys_come_back_the_same(scratch):
    @ensure_data
    def circle():
        author = scratch.one("INSERT INTO author (name) VALUES ('x') RETURNING id")
        question = scratch.one(
            "INSERT INTO question (title, author_id) VALUES ('q', %s) RETURNING id", author
        )
        answer = scratch.one(
            "INSERT INTO answer (body, question_id) VALUES ('a', %s) RETURNING id", question
        )
        scratch.sql("UPDATE question SET accepted_id = %s", answer)
        scratch.sql(
            "INSERT INTO event (run_id, what) SELECT gen_random_uuid(), n::text "
            "FROM generate_series(1, 40) n"
        )
        scratch.sql("UPDATE event SET what = 'moved' WHERE what = '7'")
        scratch.expected = scratch.rows()

    data = scratch.data()
    assert replayed(scratch, data, circle).keys() == scratch.expected.keys()
    rows = scratch.rows()
    assert {name: sorted(found) for name, found in rows.items()} == {
        name: sorted(found) for name, found in scratch.expected.items()
    }
    assert scratch.one("SELECT count(*) FROM event_low") > 0
    assert scratch.one("SELECT count(*) FROM event_default") > 0


def test_r10_e05_a_function_starts_its_own_transaction(scratch):
    @ensure_data
    def known():
        pass

    @ensure_data
    def a():
        scratch.sql("INSERT INTO tag (name) VALUES ('a')")

    scratch.data(wanted=[known])
    with (
        pytest.raises(EnsureDataError, match=r"a\(\) must start its own transaction, but was call"),
        transaction.atomic(using=ALIAS),
    ):
        a()


def test_e06_a_function_does_not_call_another(scratch):
    @ensure_data
    def a():
        scratch.sql("INSERT INTO tag (name) VALUES ('a')")

    @ensure_data
    def b():
        a()

    data = scratch.data(wanted=[b])
    with pytest.raises(EnsureDataError, match=r"b calls a\(\) from its body, so the rows of both"):
        data.begin(("b",), "t")


def test_e03_rows_written_outside_any_function_are_refused(scratch):
    @ensure_data
    def users():
        scratch.sql("INSERT INTO tag (name) VALUES ('mine')")
        transaction.on_commit(
            lambda: scratch.sql("INSERT INTO note VALUES ('late', 1), ('late', 2)"), using=ALIAS
        )

    @ensure_data
    def more(): ...

    with pytest.raises(EnsureDataError) as refusal:
        scratch.data()
    assert str(refusal.value).startswith(
        "2 rows in note were written during the build outside any @ensure_data function, "
        "after users. A transaction.on_commit() hook"
    )


@pytest.fixture
def populate_extra(scratch, monkeypatch):
    """Of a module of test data, but not decorated."""

    def populate_extra():
        scratch.sql("INSERT INTO note VALUES ('extra', 1)")

    populate_extra.__module__ = "extra_data"
    module = types.ModuleType("extra_data")
    module.populate_extra = populate_extra
    monkeypatch.setitem(sys.modules, "extra_data", module)
    return populate_extra


def test_e03_names_the_function_that_is_not_decorated(scratch, populate_extra):
    @ensure_data
    def users():
        transaction.on_commit(populate_extra, using=ALIAS)

    with pytest.raises(
        EnsureDataError, match=r"1 rows in note .* Probably populate_extra\(\) \(te"
    ):
        scratch.data(modules=["extra_data"])


def test_r04_a_function_that_is_not_decorated_is_refused_within_a_body(scratch, populate_extra):
    @ensure_data
    def users():
        scratch.sql("INSERT INTO tag (name) VALUES ('a')")
        helper = populate_extra
        helper()

    data = scratch.data(modules=["extra_data"])
    with pytest.raises(EnsureDataError) as refusal:
        data.begin(("users",), "t")
    place = f"tests/testing/test_recording.py:{populate_extra.__code__.co_firstlineno}"
    assert (
        "users calls populate_extra() from its body, though populate_extra is not decorated "
        f"({place}): its rows would be those of users alone. Add @ensure_data above it"
    ) in str(refusal.value)
    assert not any(scratch.rows().values())
    populate_extra()
    assert scratch.rows()["note"] == ["(extra,1)"]


def test_a_function_of_other_modules_may_have_such_a_name(scratch, populate_extra):
    populate_extra.__module__ = "shop.demo"

    @ensure_data
    def users():
        populate_extra()

    data = scratch.data(modules=["extra_data"])
    assert data.recorded.scripts["users"]["note"].rows == b"extra\t1\n"


def test_a_write_that_was_rolled_back_is_no_stranger(scratch):
    @ensure_data
    def users():
        other = scratch.other_connection()
        other.execute("INSERT INTO note VALUES ('never', 1)")
        other.rollback()
        other.close()

    assert scratch.data().recorded.scripts["users"] == {}


def test_r24_e13_a_failure_leaves_nothing_and_fails_every_test_of_the_set(scratch):
    @ensure_data
    def broken():
        scratch.sql("INSERT INTO tag (name) VALUES ('a')")
        raise RuntimeError("boom")

    @ensure_data(broken)
    def upon(): ...

    @ensure_data
    def sound():
        scratch.sql("INSERT INTO tag (name) VALUES ('sound')")

    data = scratch.data()
    assert "broken" not in data.recorded.scripts
    for test in ("tests/test_a.py::test_1", "tests/test_a.py::test_2"):
        with pytest.raises(EnsureDataError) as refusal:
            data.begin(data.names([upon], test), test)
        assert str(refusal.value) == (
            "data set of broken failed in this process: RuntimeError boom "
            "(first at tests/test_a.py::test_1)"
        )
        assert isinstance(refusal.value.__cause__, RuntimeError)
    assert replayed(scratch, data, sound)["tag"] == ["(2,sound,)"]


def test_a_broken_key_is_reported_where_it_was_written(scratch):
    @ensure_data
    def orphan():
        scratch.sql("INSERT INTO question (title, author_id) VALUES ('q', 99)")

    data = scratch.data()
    with pytest.raises(
        EnsureDataError, match=r"data set of orphan failed .*foreign key"
    ) as refusal:
        data.begin(("orphan",), "t")
    assert isinstance(refusal.value.__cause__, psycopg.errors.ForeignKeyViolation)


def test_a_function_leaves_sequences_alone(scratch):
    @ensure_data
    def first():
        scratch.sql("INSERT INTO tag (name) VALUES ('a'), ('b'), ('c')")

    @ensure_data(first)
    def back():
        scratch.sql("SELECT setval('tag_id_seq', 1)")

    data = scratch.data()
    with pytest.raises(EnsureDataError, match="back sets the sequence tag_id_seq back from 3 to 1"):
        data.begin(("first", "back"), "t")


def test_a_function_that_was_not_recorded_is_named_with_what_to_do(scratch):
    @ensure_data
    def known(): ...

    @ensure_data
    def late(): ...

    data = scratch.data(wanted=[known])
    with pytest.raises(EnsureDataError, match="late was not recorded: name its module in ensure_d"):
        data.begin(("late",), "t")
