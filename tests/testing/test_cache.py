"""Scripts on disk: read by other processes, refused once they belong to other code."""

import json
from datetime import UTC, datetime

import pytest

from testoqa.testing import EnsureDataError, clock, ensure_data, scripts
from testoqa.testing.scripts import Change


@pytest.fixture
def counted(scratch):
    """Two functions, and a list of which of them ran."""
    ran = []

    @ensure_data
    def tags():
        ran.append("tags")
        scratch.sql("INSERT INTO tag (name) VALUES ('a')")

    @ensure_data(tags)
    def notes():
        ran.append("notes")
        scratch.sql("INSERT INTO note VALUES ('one', 1), (E'tab\\t and\\nline', 2)")

    scratch.ran = ran
    return scratch


def took(scratch):
    """What ran since the last time."""
    ran = list(scratch.ran)
    scratch.ran.clear()
    return ran


def manifests(scratch):
    return sorted(scratch.folder.glob("*/manifest.json"), key=lambda path: path.stat().st_mtime_ns)


def test_a_script_reads_back_as_it_was_written():
    script = {
        "tag": Change(("id", "name"), rows=b"1\ta\\nb\n2\t\\N\n"),
        "note": Change(("what",), rows=b"", removed=scripts.Counter({'("é\n",)': 2})),
    }
    assert scripts.parse(scripts.dump(script)) == script
    assert scripts.parse(b"") == {}


def test_r09_r14_r16_scripts_of_a_build_are_replayed_by_another_process(counted):
    counted.data(mode="build")
    assert took(counted) == ["tags", "notes"]
    assert not any(counted.rows().values())
    data = counted.data(mode="cached")
    data.begin(("tags", "notes"), "t")
    assert counted.rows()["note"] == ["(one,1)", '("tab\t and\nline",2)']
    assert took(counted) == []


def test_r17_r19_numbers_are_those_of_the_build_in_every_process(counted):
    data = counted.data(mode="build")
    data.begin(("tags",), "t")
    number = counted.one("SELECT nextval('tag_id_seq')")
    data = counted.data(mode="cached")
    data.begin((), "t")
    assert counted.one("SELECT nextval('tag_id_seq')") == number


def test_auto_builds_when_needed_and_keeps_two_builds(counted):
    counted.data(mode="auto")
    assert took(counted) == ["tags", "notes"]
    counted.data(mode="auto")
    assert took(counted) == []
    for now in ("2026-02-03T00:00Z", "2026-02-04T00:00Z"):
        counted.data(mode="auto", now=now)
        assert took(counted) == ["tags", "notes"]
    assert len(manifests(counted)) == 2
    counted.data(mode="auto", now="2026-02-03T00:00Z")
    assert took(counted) == []


def test_scripts_of_the_real_time_belong_to_their_day(counted):
    with clock.stopped(datetime(2026, 2, 3, 23, 59, tzinfo=UTC)) as stopped:
        counted.data(mode="build")
        counted.data(mode="cached")
        stopped.shift(minutes=2)
        with pytest.raises(EnsureDataError, match=r"\(2026-02-03 then, 2026-02-04 now\)\. Rebuild"):
            counted.data(mode="cached")
        took(counted)
        counted.data(mode="auto")
        assert took(counted) == ["tags", "notes"]


def test_scripts_of_a_fixed_instant_stay_from_day_to_day(counted):
    counted.data(mode="build", now=clock.START)
    with clock.stopped(datetime(2027, 1, 1, tzinfo=UTC)):
        counted.data(mode="cached", now=clock.START)


def test_r15_a_build_replaces_the_scripts_of_its_key(counted):
    counted.data(mode="build")
    (manifest,) = manifests(counted)
    (manifest.parent / "gone.copy").write_text("of an older build")
    counted.data(mode="build")
    assert sorted(path.name for path in manifest.parent.iterdir()) == [
        "after-migrate.copy", "manifest.json", "notes.copy", "tags.copy"
    ]  # fmt: skip
    assert not list(counted.folder.glob("draft-*"))


def test_e10_r21_a_missing_manifest_is_named_with_the_command_to_run(counted):
    with pytest.raises(EnsureDataError) as refusal:
        counted.data(mode="cached")
    said = str(refusal.value)
    assert said.startswith(f"--ensure-data=cached, but {counted.folder}/")
    assert said.endswith(
        "/manifest.json does not exist. Build it first, in one process: pytest --ensure-data-build"
    )
    assert took(counted) == []


def test_e07_a_changed_source_makes_scripts_stale(counted, tmp_path):
    source = tmp_path / "factories.py"
    source.write_text("one")
    counted.data(mode="build", sources=[source])
    counted.data(mode="cached", sources=[source])
    source.write_text("two")
    with pytest.raises(EnsureDataError) as refusal:
        counted.data(mode="cached", sources=[source])
    then = json.loads(manifests(counted)[0].read_text())["parts"]["sources"]
    assert str(refusal.value).startswith(f"stale scripts in {counted.folder}: the populate source ")
    assert f"has changed since they were recorded ({then[:4]}… then, " in str(refusal.value)
    assert str(refusal.value).endswith("… now). Rebuild: pytest --ensure-data-build")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE tag ADD COLUMN more int",
        "ALTER TABLE tag ALTER COLUMN name SET NOT NULL",
        "ALTER TABLE tag ALTER COLUMN name SET DEFAULT 'x'",
        "ALTER TABLE note ADD CHECK (number > 0)",
        "CREATE TABLE event_more PARTITION OF event FOR VALUES FROM "
        "('80000000-0000-0000-0000-000000000000') TO ('90000000-0000-0000-0000-000000000000')",
        "DROP TRIGGER tell_job ON job",
    ],
)
def test_e07_a_changed_schema_makes_scripts_stale(counted, change):
    counted.data(mode="build")
    counted.sql(change)
    with pytest.raises(EnsureDataError, match=r"stale scripts .* the database schema has changed"):
        counted.data(mode="cached")


@pytest.mark.parametrize("mode", ["cached", "auto"])
def test_e07_a_script_changed_by_hand_is_refused(counted, mode):
    counted.data(mode="build")
    script = manifests(counted)[0].parent / "tags.copy"
    script.write_bytes(script.read_bytes().replace(b"\ta\t", b"\tb\t"))
    with pytest.raises(EnsureDataError, match=r"script .*tags.copy was changed by hand since it"):
        counted.data(mode=mode)
    script.unlink()
    with pytest.raises(EnsureDataError, match=r"script .*tags.copy was changed by hand since it"):
        counted.data(mode=mode)
