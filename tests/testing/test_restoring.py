"""After each test the database is what it was before: rows, their order, and the next numbers."""

import threading
import time

import pytest
from django.db import connections, transaction

from testoqa.testing import EnsureDataError, restoring
from testoqa.testing.sequences import HEADROOM, seed
from tests.testing.cast import begin, next_numbers, same
from tests.testing.conftest import ALIAS


def restore(data):
    return data.database.restore(data.database.look_for_changes())


def changed_structure(data):
    return data.database.look_for_changes().structure != data.database.structure


def test_r01_a_test_finds_the_rows_of_its_set_and_no_others(cast):
    data = cast.data()
    begin(data, *cast.everything)
    full = cast.rows()
    assert len(full["question"]) == 30 and len(full["event"]) == 40
    begin(data, "people")
    few = cast.rows()
    assert few["tag"] == full["tag"] and not few["question"] and not few["note"]
    begin(data, *cast.everything)
    assert cast.rows() == full


def test_r02_only_tables_that_were_written_are_put_back(cast):
    data = cast.data()
    begin(data, *cast.everything)
    before = cast.rows()
    quiet = cast.sql("SELECT xmin FROM question")
    cast.sql("INSERT INTO tag (id, name) OVERRIDING SYSTEM VALUE VALUES (500, 'explicit')")
    cast.sql("DELETE FROM doc WHERE title = 'doc 3'")
    data.end()
    assert cast.rows() == before
    assert cast.sql("SELECT xmin FROM question") == quiet
    assert restore(data) is False


@pytest.mark.parametrize(
    "write",
    [
        "INSERT INTO tag (id, name) OVERRIDING SYSTEM VALUE VALUES (15000, 'below the seed')",
        "INSERT INTO event (run_id, what) VALUES (gen_random_uuid(), 'new')",
        "INSERT INTO event_low (run_id) VALUES ('00000000-0000-0000-0000-000000000000')",
        "UPDATE event SET what = 'changed'",
        "TRUNCATE event_default",
        "UPDATE event SET run_id = gen_random_uuid()",
        "INSERT INTO doc (title) VALUES ('new')",
        "DELETE FROM note WHERE ctid = '(0,1)'",
        "INSERT INTO note VALUES ('same', 1)",
        "INSERT INTO job (name) VALUES ('with an event')",
        "DELETE FROM job WHERE name = 'a'",
        "TRUNCATE question, answer",
        "UPDATE question SET accepted_id = NULL; DELETE FROM answer; DELETE FROM question",
        "UPDATE tag SET name = name || '!'",
        "MERGE INTO tag USING (SELECT 'tag 1' n) s ON name = n WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM note RETURNING *) INSERT INTO note SELECT * FROM gone",
        "SET session_replication_role = replica; DELETE FROM author WHERE id = 2; "
        "SET session_replication_role = origin",
        "SELECT setval('tag_id_seq', 3)",
        "UPDATE small SET name = 'b'",
    ],
)
def test_r02_whatever_was_written_is_undone(cast, write):
    data = cast.data()
    begin(data, *cast.everything)
    before, numbers = cast.rows(), next_numbers(cast)
    begin(data, *cast.everything)
    cast.sql(write)
    data.end()
    begin(data, *cast.everything)
    assert cast.rows() == before
    assert next_numbers(cast) == numbers


def test_r17_numbers_go_on_a_million_above_the_data_within_the_sequence(cast):
    data = cast.data()
    begin(data, *cast.everything)
    assert cast.one("INSERT INTO tag (name) VALUES ('t') RETURNING id") == 20 + HEADROOM
    small = cast.one("INSERT INTO small (name) VALUES ('t') RETURNING id")
    assert 1 < small == 2 + (32767 - 1) // 2
    assert cast.one("SELECT nextval('ticket')") == 8
    assert seed(32767, 32767) == 32767
    assert seed(777, 2**63 - 1) == 777 + HEADROOM


def test_r18_numbers_begin_anew_also_after_a_test_that_is_rolled_back(cast):
    data = cast.data()
    for _ in range(3):
        begin(data, *cast.everything)
        with transaction.atomic(using=ALIAS):
            assert cast.one("INSERT INTO tag (name) VALUES ('t') RETURNING id") == 20 + HEADROOM
            transaction.set_rollback(True, using=ALIAS)


def test_r07_a_set_is_known_by_its_functions_and_calls_are_forgotten_after_the_test(cast):
    data = cast.data()
    begin(data, "people")
    everything = data.registry.functions["everything"]
    everything()
    assert len(cast.rows()["question"]) == 30
    data.end()
    begin(data, "people")
    assert not cast.rows()["question"] and data.present == ["people"]


def test_r27_calling_a_function_in_a_test_is_harmless(cast):
    data = cast.data()
    begin(data, "people")
    with transaction.atomic(using=ALIAS):
        data.registry.functions["people"]()
        data.registry.functions["everything"]()
        data.registry.functions["everything"]()
        assert cast.one("SELECT count(*) FROM question") == 30
        assert cast.one("SELECT count(*) FROM job_event") == 2
        assert cast.one("SHOW session_replication_role") == "origin"
        transaction.set_rollback(True, using=ALIAS)
    begin(data, "people")
    assert not cast.rows()["question"] and len(cast.rows()["tag"]) == 20


def test_rows_of_a_test_that_crashed_are_gone_before_the_next(cast):
    data = cast.data()
    begin(data, *cast.everything)
    before = cast.rows()
    cast.sql("DELETE FROM tag; INSERT INTO note VALUES ('left', 1)")
    begin(data, *cast.everything)
    assert cast.rows() == before


def test_r02_the_first_write_of_a_new_database_is_undone(cast):
    """No function ran there, so none has moved a flag."""
    cast.data(mode="build")
    cast.sql("DROP SCHEMA _testoqa CASCADE")
    data = cast.data(mode="cached")
    begin(data, *cast.everything)
    before = cast.rows()
    cast.sql("INSERT INTO note VALUES ('first', 1)")
    data.end()
    assert cast.rows() == before
    begin(data, *cast.everything)
    assert cast.rows() == before


def test_quiet_transactions_leave_no_flag_and_others_do(cast):
    data = cast.data()
    begin(data, *cast.everything)
    with transaction.atomic(using=ALIAS):
        cast.sql("SELECT set_config('testoqa.quiet', 'on', true)")
        cast.sql("DELETE FROM note")
        transaction.set_rollback(True, using=ALIAS)
    assert restore(data) is False
    cast.sql("DELETE FROM note")
    assert restore(data) is True


def test_large_tables_are_mended_row_by_row(cast, monkeypatch):
    monkeypatch.setattr(restoring, "LARGE", 15)
    data = cast.data()
    begin(data, *cast.everything)
    before = cast.rows()
    untouched = cast.sql("SELECT xmin FROM question WHERE id = 17")
    for _ in range(3):
        cast.sql(
            "UPDATE question SET score = 9 WHERE id % 3 = 0; INSERT INTO tag (name) VALUES ('n')"
        )
        cast.sql("UPDATE event SET what = 'x' WHERE what < '3'; DELETE FROM event WHERE what > '7'")
        cast.sql(
            "UPDATE tag SET id = DEFAULT WHERE id = 4; UPDATE tag SET name = 'n2' WHERE id = 5"
        )
        cast.sql("TRUNCATE doc")
        data.end()
        assert same(cast.rows(), before, any_order=True)
    assert cast.sql("SELECT xmin FROM question WHERE id = 17") == untouched


def test_a_bloated_table_is_written_anew_so_its_size_and_order_stay(cast):
    data = cast.data()
    begin(data, *cast.everything)
    before = cast.rows()
    for _ in range(6):
        cast.sql("INSERT INTO note SELECT repeat('x', 900), n FROM generate_series(1, 100) n")
        cast.sql("UPDATE tag SET name = name")
        data.end()
        assert cast.rows() == before
    assert cast.one("SELECT pg_relation_size('note')") <= 4 * restoring.SMALLEST


def test_a_changed_schema_asks_for_a_fresh_database(cast):
    data = cast.data()
    begin(data, *cast.everything)
    for change in (
        "CREATE TABLE extra (id int)",
        "ALTER TABLE note ADD COLUMN more int",
        "ALTER TABLE note DROP COLUMN number",
        "ALTER TABLE note ALTER COLUMN number TYPE bigint",
        "ALTER TABLE note ALTER COLUMN what TYPE varchar(9)",
        "ALTER TABLE note RENAME COLUMN number TO amount",
        "ALTER TABLE note ALTER COLUMN number SET DEFAULT 3",
        "ALTER TABLE doc ALTER COLUMN at SET DEFAULT '2026-02-03'",
        "ALTER TABLE doc ALTER COLUMN at DROP DEFAULT",
        "ALTER TABLE doc ALTER COLUMN title DROP NOT NULL",
        "ALTER TABLE note ALTER COLUMN number SET NOT NULL",
        "ALTER TABLE tag DROP CONSTRAINT tag_name_key",
        "ALTER TABLE plain_child DROP CONSTRAINT plain_child_small_id_fkey",
        "ALTER TABLE note ADD FOREIGN KEY (number) REFERENCES author NOT VALID",
        "CREATE INDEX ON note (what)",
        "DROP TRIGGER tell_job ON job",
        "CREATE OR REPLACE FUNCTION tell_job() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN new; END'",
        "CREATE SCHEMA extra",
    ):
        before = changed_structure(data)
        with transaction.atomic(using=ALIAS):
            cast.sql(change)
            assert (before, changed_structure(data)) == (False, True), change
            transaction.set_rollback(True, using=ALIAS)
    cast.sql("CREATE TABLE extra (id int)")
    with pytest.raises(EnsureDataError, match="changed the schema, and there is no template"):
        data.end()
    cast.sql("DROP TABLE extra")


def test_writes_and_passing_tables_are_no_change_of_the_schema(cast, monkeypatch):
    monkeypatch.setattr(restoring, "LARGE", 15)
    data = cast.data()
    begin(data, *cast.everything)
    cast.sql("UPDATE question SET score = 9; TRUNCATE note")
    data.end()
    assert data.database.large
    cast.sql("CREATE TEMPORARY TABLE passing (id serial PRIMARY KEY, name text DEFAULT 'x')")
    cast.sql("TRUNCATE job_event; ANALYZE")
    assert not changed_structure(data)
    cast.sql("DROP TABLE passing")


def test_materialised_views_show_the_data_set_again(cast):
    cast.sql(
        "CREATE SCHEMA extra; "
        "CREATE VIEW extra.bodies AS SELECT q.title, a.body FROM question q JOIN answer a "
        "ON a.question_id = q.id; "
        "CREATE MATERIALIZED VIEW extra.z_first AS SELECT title FROM extra.bodies; "
        "CREATE MATERIALIZED VIEW extra.a_second AS SELECT count(*) AS n FROM extra.z_first; "
        "CREATE MATERIALIZED VIEW extra.parts AS SELECT count(*) AS n FROM event_low; "
        "CREATE MATERIALIZED VIEW extra.tags AS SELECT count(*) AS n FROM tag"
    )
    second, tags = "SELECT n FROM extra.a_second", "SELECT n FROM extra.tags"
    data = cast.data()
    begin(data, *cast.everything)
    assert cast.one(second) == 30 and cast.one(tags) == 20
    assert cast.one("SELECT n FROM extra.parts") == cast.one("SELECT count(*) FROM event_low")
    untouched = "SELECT relfilenode FROM pg_class WHERE oid = 'extra.tags'::regclass"
    file = cast.one(untouched)
    cast.sql(
        "UPDATE question SET accepted_id = NULL; DELETE FROM answer; "
        "REFRESH MATERIALIZED VIEW extra.z_first; REFRESH MATERIALIZED VIEW extra.a_second"
    )
    assert cast.one(second) == 0
    data.end()
    assert cast.one(second) == 30 and cast.one(untouched) == file
    begin(data, "people")
    assert cast.one(second) == 0 and cast.one(tags) == 20


def test_e11_a_connection_that_still_writes_is_named(cast, monkeypatch):
    monkeypatch.setattr(restoring, "PATIENCE", 0.2)
    data = cast.data()
    begin(data, *cast.everything)
    other = cast.other_connection()
    other.execute("UPDATE tag SET name = 'held' WHERE id = 1")
    cast.sql("INSERT INTO note VALUES ('new', 1)")
    with pytest.raises(EnsureDataError) as refusal:
        data.end()
    pid = other.info.backend_pid
    assert f"held by pid {pid}, idle in transaction since " in str(refusal.value)
    assert 'last query "UPDATE tag SET name =' in str(refusal.value)
    assert "started by tests/test_x.py::test_y was not joined" in str(refusal.value)
    other.close()
    begin(data, *cast.everything)
    assert "held" not in str(cast.rows())


def test_e11_a_reader_that_holds_a_lock_is_named(cast, monkeypatch):
    monkeypatch.setattr(restoring, "PATIENCE", 1)
    data = cast.data()
    begin(data, *cast.everything)
    other = cast.other_connection()
    other.execute("SELECT count(*) FROM tag")
    with pytest.raises(
        EnsureDataError, match=r"restore waited 1 s for a lock on tag held by pid \d+, idle"
    ):
        begin(data, "people")
    other.close()
    begin(data, "people")


def test_a_writer_that_commits_late_is_waited_for(cast):
    data = cast.data()
    begin(data, *cast.everything)
    before = cast.rows()
    other = cast.other_connection()
    other.execute("DELETE FROM tag")
    cast.sql("INSERT INTO note VALUES ('new', 1)")

    def commit_late():
        time.sleep(0.2)
        other.commit()
        other.close()

    late = threading.Thread(target=commit_late)
    late.start()
    data.end()
    late.join()
    assert cast.rows() == before


def test_flags_make_no_writer_wait(cast):
    data = cast.data()
    begin(data, *cast.everything)
    one, two = (cast.other_connection() for _ in range(2))
    two.execute("SET lock_timeout = '300ms'")
    one.execute("INSERT INTO tag (name) VALUES ('one')")
    two.execute("INSERT INTO tag (name) VALUES ('two')")
    one.commit(), two.commit(), one.close(), two.close()
    assert restore(data) is True
    assert len(cast.rows()["tag"]) == 20


def test_e14_a_role_that_may_not_replicate_is_told_and_gets_the_same_rows(cast, django_db_blocker):
    settings = connections[ALIAS].settings_dict
    cast.sql("DROP ROLE IF EXISTS plain_tester")
    cast.sql("CREATE ROLE plain_tester LOGIN PASSWORD 'x'")
    cast.sql("GRANT pg_read_all_stats TO plain_tester")
    owner = settings["USER"] or cast.one("SELECT current_user")
    try:
        for (name,) in cast.sql(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND (relkind IN ('r', 'p') OR (relkind = 'S' AND relname = 'ticket'))"
        ):
            kind = "SEQUENCE" if name == "ticket" else "TABLE"
            cast.sql(f"ALTER {kind} {name} OWNER TO plain_tester")
        cast.sql("GRANT CREATE ON DATABASE " + settings["NAME"] + " TO plain_tester")
        cast.connection.close()
        settings["OPTIONS"] = {**settings["OPTIONS"], "assume_role": "plain_tester"}
        data = cast.data()
        assert any("no permission to set session_replication_role" in said for said in cast.said)
        begin(data, *cast.everything)
        before = cast.rows()
        assert len(before["job_event"]) == 2
        cast.sql(
            "DELETE FROM job; UPDATE small SET name = 'b'; INSERT INTO job (name) VALUES ('n')"
        )
        cast.sql("DELETE FROM author WHERE id = 77; UPDATE author SET name = 'x'")
        data.end()
        assert same(cast.rows(), before, any_order=True)
        begin(data, "people")
        begin(data, *cast.everything)
        assert cast.rows() == before
    finally:
        settings["OPTIONS"].pop("assume_role", None)
        cast.connection.close()
        cast.sql(f"REASSIGN OWNED BY plain_tester TO {owner}; DROP OWNED BY plain_tester")
        cast.sql("DROP ROLE plain_tester")


def test_verifying_finds_what_no_flag_tells(cast):
    data = cast.data(verify=True)
    begin(data, *cast.everything)
    data.verify("tests/test_x.py::test_y")
    cast.sql("ALTER TABLE note DISABLE TRIGGER ALL; INSERT INTO note VALUES ('unseen', 1)")
    data.end()
    with pytest.raises(EnsureDataError) as refusal:
        data.verify("tests/test_x.py::test_y")
    assert str(refusal.value).startswith(
        "--ensure-data-verify: after tests/test_x.py::test_y note differs from the data set. "
    )
    begin(data, *cast.everything)
    data.verify("tests/test_x.py::test_y")
