"""An archive that is broken or means harm is refused, and nothing of it is stored."""

import gc
import json
import re
import uuid
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.cases.models import Case
from apps.projects.models import Project
from testoqa.archives import CannotExport, CannotImport, export_project, import_project
from testoqa.testing import uses
from tests.archives.contents import rewritten
from tests.data import populate_cast
from tests.factories import make_artifact, make_case, make_run, send_results

pytestmark = uses(populate_cast)


@pytest.fixture
def archive(project, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    make_case(project, "Pays", tags=["web"])
    make_artifact(project, b"words\n")
    send_results(make_run(project), "pays")
    export_project("WEB", tmp_path / "WEB.zip")
    return tmp_path / "WEB.zip"


def stored():
    folder = Path(default_storage.location)
    files = {path for path in folder.rglob("*") if path.is_file()}
    return [model.objects.count() for model in (Project, User, Case)], files


def assert_nothing_since(before):
    gc.collect()  # a file goes when nothing waits for the commit any more
    assert stored() == before


def with_manifest(**changes):
    def change(members):
        manifest = json.loads(members["manifest.json"]) | changes
        members["manifest.json"] = json.dumps(manifest).encode()

    return change


def with_rows(label, change_row):
    def change(members):
        name = f"tables/{label}.jsonl"
        columns = json.loads(members["manifest.json"])["tables"][label]["columns"]
        rows = [json.loads(line) for line in members[name].splitlines()]
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        for row in told:
            change_row(row)
        lines = [json.dumps([row[name] for name in columns]) for row in told]
        members[name] = "\n".join(lines).encode()

    return change


def adds(name):
    return lambda members: members.update({name: b"x"})


def without(name):
    return lambda members: members.pop(next(one for one in members if one.startswith(name)))


def changed_file(members):
    name = next(one for one in members if one.startswith("files/"))
    members[name] = b"other\n"


def one_line_more(members):
    members["tables/cases.Tag.jsonl"] += b'["' + str(uuid.uuid4()).encode() + b'", "x"]\n'


def no_json(members):
    members["tables/cases.Tag.jsonl"] = b"[1,"


WRONG = {
    "another version": (with_manifest(version=2), "version 2"),
    "another format": (with_manifest(format="zip"), "manifest says something else"),
    "no manifest": (without("manifest"), "no manifest"),
    "half a manifest": (with_manifest(project=None), "incomplete"),
    "tables without columns": (with_manifest(tables={"cases.Tag": {"rows": 0}}), "incomplete"),
    "the same column twice": (
        with_manifest(tables={"cases.Tag": {"rows": 0, "columns": ["id", "id"]}}), "incomplete"
    ),
    "path upwards": (adds("../../etc/cron.d/x"), "../../etc/cron.d/x"),
    "path from the root": (adds("/etc/passwd"), "/etc/passwd"),
    "path within files": (adds("files/artifacts.Artifact.file/../../x"), "as none of ours does"),
    "table of a newer one": (
        with_manifest(tables={"cases.Later": {"rows": 0, "columns": ["id"]}}), "cases.Later"
    ),
    "table of accounts": (
        with_manifest(tables={"accounts.User": {"rows": 0, "columns": ["id"]}}), "accounts.User"
    ),
    "secret column": (
        with_manifest(tables={"memberships.Invitation": {"rows": 0, "columns": ["id", "digest"]}}),
        "digest",
    ),
    "missing table": (without("tables/cases.Tag"), "has no tables/cases.Tag"),
    "missing file": (without("files/"), "has no files/"),
    "changed file": (changed_file, "not the one that was exported"),
    "row too many": (one_line_more, "rows instead of"),
    "no JSON": (no_json, "line 1, is no JSON"),
    "id that is none": (with_rows("cases.Tag", lambda row: row.update(id="1")), "is no id"),
    "run without a time": (
        with_rows("runs.Run", lambda row: row.update(id=str(uuid.uuid4()))), "tells no time"
    ),
    "link to nothing": (
        with_rows("cases.CaseTag", lambda row: row.update(tag_id=str(uuid.uuid4()))),
        "does not hold together",
    ),
    "unknown person": (
        with_rows("cases.Case", lambda row: row.update(created_by_id="who@example.com")),
        "none of the archive's people",
    ),
    "unknown role": (
        with_rows("memberships.Membership", lambda row: row.update(role="king")),
        "does not hold together",
    ),
    "owned by nobody": (
        with_rows("memberships.Membership", lambda row: row.update(role="viewer")), "--owner"
    ),
    "object for a text": (with_rows("cases.Tag", lambda row: row.update(name={})), "no row"),
    "number for a link": (
        with_rows("cases.CaseTag", lambda row: row.update(tag_id=7)), "none of that table"
    ),
    "zero byte": (with_rows("cases.Tag", lambda row: row.update(name="a\0")), "hold together"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "why"), WRONG.values(), ids=WRONG)
def test_nothing_of_a_wrong_archive_is_stored(archive, tmp_path, change, why):
    wrong = rewritten(archive, tmp_path / "wrong.zip", change)
    before = stored()
    with pytest.raises(CannotImport, match=re.escape(why)):
        import_project(wrong, key="NEW")
    assert_nothing_since(before)


@pytest.mark.parametrize("part", [0, 10, 0.5, 0.99])
def test_nothing_of_one_that_was_cut_is_stored(archive, tmp_path, part):
    data = archive.read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(data[: int(part * len(data)) if part < 1 else part])
    before = stored()
    with pytest.raises(CannotImport, match="damaged"):
        import_project(cut, key="NEW")
    assert_nothing_since(before)


def test_a_bit_that_fell_over_is_found(archive, tmp_path):
    data = bytearray(archive.read_bytes())
    place = data.index(b"tables/cases.Case.jsonl") + 100
    data[place] ^= 255
    (tmp_path / "bad.zip").write_bytes(data)
    before = stored()
    with pytest.raises(CannotImport):
        import_project(tmp_path / "bad.zip", key="NEW")
    assert_nothing_since(before)


def test_keys_that_are_taken_or_wrong_and_owners_that_are_nobody(archive, tmp_path):
    for key, why in {"": "exists", "OPS": "exists", "no key": "capital letters"}.items():
        with pytest.raises(CannotImport, match=why):
            import_project(archive, key=key)
    with pytest.raises(CommandError, match=r"add_person\. Nothing is stored"):
        call_command("import_project", archive, key="NEW", owner="who@example.com")
    with pytest.raises(CannotImport, match="cannot be read: No such file"):
        import_project(tmp_path / "none.zip")
    assert Project.objects.count() == 2


def test_an_export_overwrites_nothing_and_leaves_nothing_half(archive, tmp_path):
    with pytest.raises(CannotExport, match="name another file"):
        export_project("WEB", archive)
    with pytest.raises(CommandError, match="no project NONE"):
        call_command("export_project", "NONE", tmp_path / "none.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["WEB.zip", "files"]
    assert archive.stat().st_mode & 0o777 == 0o600
