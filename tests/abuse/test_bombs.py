"""Files that are small and unpack to much, and bodies that lie, sent to the running site."""

import gzip
import io
import tempfile
import time
import zipfile
from pathlib import Path

import pytest

from testoqa.testing import uses
from tests.executions.formats import test_hostile as hostile

from .data import populate_two_teams

pytestmark = uses(populate_two_teams)

OUTSIDE = Path(tempfile.gettempdir(), "climbed.xml")
SMALL = [
    hostile.billion_laughs,
    hostile.quadratic_entities,
    hostile.parameter_entities,
    hostile.parameter_entities_utf16,
    hostile.gzip_bomb,
    hostile.gzip_of_gzip,
    hostile.gzip_of_zip,
    hostile.zip_of_100_000_entries,
]
EXTERNAL = (
    b'<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<testsuite><testcase name="&x;"/></testsuite>'
)
SECONDS = 15


def nested_zip(path):
    inner = b"<testsuite/>" + b" " * 10_000_000
    for _ in range(3):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("junit.xml.zip", inner)
        inner = file.getvalue()
    path.write_bytes(inner)


def climbing_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        for name in (f"../../../..{OUTSIDE}", str(OUTSIDE), "..\\climbed.xml"):
            archive.writestr(name, "<testsuite><testcase name='a'/></testsuite>")


def upload(path, name):
    file = io.BytesIO(path.read_bytes())
    file.name = name
    return file


@pytest.mark.parametrize("make", [*SMALL, nested_zip], ids=lambda make: make.__name__)
def test_a_bomb_is_refused_soon_and_leaves_nothing(teams, make, tmp_path):
    path = tmp_path / "file"
    make(path)
    project = teams.mine.project
    runs, cases = project.runs.count(), project.cases.count()
    attacker = teams.attacker("tester")
    began = time.monotonic()
    name = "results.zip" if path.read_bytes()[:2] == b"PK" else "results.xml"
    answer = attacker.post("/api/v1/projects/WEB/imports/", form={"file": upload(path, name)})
    assert time.monotonic() - began < SECONDS
    assert answer.status == 422, answer.text[:500]
    assert (project.runs.count(), project.cases.count()) == (runs, cases)
    assert attacker.get("/projects/WEB/imports/").status == 200


def test_no_file_of_the_server_is_read(teams, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(EXTERNAL)
    attacker = teams.attacker("tester")
    answer = attacker.post("/api/v1/projects/WEB/imports/", form={"file": upload(path, "r.xml")})
    assert answer.status == 422
    assert b"root:" not in answer.body


def test_no_archive_writes_outside_of_itself(teams, tmp_path):
    path = tmp_path / "file"
    climbing_zip(path)
    attacker = teams.attacker("tester")
    attacker.post("/api/v1/projects/WEB/imports/", form={"file": upload(path, "r.zip")})
    assert not OUTSIDE.exists()


def test_an_artifact_is_not_unpacked(teams, tmp_path):
    path = tmp_path / "file"
    hostile.gzip_bomb(path)
    attacker = teams.attacker("tester")
    began = time.monotonic()
    answer = attacker.post(
        "/api/v1/projects/WEB/artifacts/", form={"file": upload(path, "bomb.xml.gz")}
    )
    assert answer.status == 201
    assert answer.json["size"] == path.stat().st_size
    content = attacker.get(f"/api/v1/projects/WEB/artifacts/{answer.json['id']}/content/")
    assert content.body == path.read_bytes()
    assert content["Content-Encoding"] is None
    assert time.monotonic() - began < SECONDS


def test_a_packed_body_is_not_unpacked(teams):
    attacker = teams.attacker("tester")
    packed = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    path = f"/api/v1/projects/WEB/runs/{teams.mine.run.number}/results/"
    answer = attacker.post(
        path, body=(packed, "application/json"), headers={"Content-Encoding": "gzip"}
    )
    assert answer.status in {400, 415}


def test_a_body_longer_than_the_address_takes_is_refused_unread(teams):
    attacker = teams.attacker("tester")
    answer = attacker.ask(
        "POST",
        "/api/v1/projects/WEB/cases/",
        body=(b"[" + b" " * (2 * 1024 * 1024) + b"]", "application/json"),
    )
    assert answer.status == 413
