"""A body that arrives in chunks, without its length, is read as any other."""

import json

from django.test import Client

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run
from tests.live_site import live_site
from tests.site.raw import KIB, answer, send_in_chunks, sending

__all__ = ["live_site"]

pytestmark = uses(populate_cast)

BATCH = "/api/v1/projects/WEB/runs/1/results/"
IMPORT = "/api/v1/projects/WEB/imports/"
ARTIFACT = "/api/v1/projects/WEB/artifacts/"
CASE = "/api/v1/projects/WEB/cases/"
UPLOAD = "/projects/WEB/imports/"


def in_chunks(address, method, path, body, headers):
    """(status, JSON) of a request whose body comes in pieces of 7 bytes, without its length."""
    head = {**headers, "Transfer-Encoding": "chunked"}
    with sending(address, path, head, method=method) as connection:
        for start in range(0, len(body), 7):
            piece = body[start : start + 7]
            connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\n\r\n")
        status, _, text = answer(connection)
    return status, json.loads(text)


def form(**files):
    """A multipart body of these files, and its header."""
    parts = [
        f'--cut\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.xml"\r\n\r\n'
        f"{text}\r\n"
        for name, text in files.items()
    ]
    body = "".join([*parts, "--cut--\r\n"]).encode()
    return body, {"Content-Type": "multipart/form-data; boundary=cut"}


def test_json_without_a_length_is_read_as_any_other(live_site, project, token):
    typed = {**token, "Content-Type": "application/json"}
    body = json.dumps({"name": "Renamed in chunks"}).encode()
    status, found = in_chunks(live_site, "PATCH", "/api/v1/projects/WEB/", body, typed)
    assert (status, found["name"]) == (200, "Renamed in chunks")
    status, found = in_chunks(live_site, "POST", CASE, b'{"title": "Pays"}', typed)
    assert (status, found["title"]) == (201, "Pays")
    assert project.cases.get().title == "Pays"
    status, found = in_chunks(live_site, "POST", CASE, b'{"title": ', typed)
    assert status == 400


def test_results_without_a_length_are_read_as_any_other(live_site, project, token):
    make_run(project)
    batch = json.dumps([{"name": "a", "status": "passed"}] * 3).encode()
    typed = {**token, "Content-Type": "application/json"}
    status, receipt = in_chunks(live_site, "POST", BATCH, batch, typed)
    assert (status, receipt["received"]) == (201, 3)


def test_files_without_a_length_are_read_as_any_other(live_site, project, token):
    body, kind = form(file='<testsuite><testcase name="a"/></testsuite>')
    status, receipt = in_chunks(live_site, "POST", IMPORT, body, {**token, **kind})
    assert (status, receipt["received"]) == (201, 1)
    status, found = in_chunks(live_site, "POST", ARTIFACT, body, {**token, **kind})
    assert (status, found["size"]) == (201, 43)
    with project.artifacts.get(pk=found["id"]).file.open("rb") as file:
        assert len(file.read()) == 43


def test_an_upload_page_reads_a_form_without_a_length(live_site, owner):
    client = Client()
    client.force_login(owner)
    client.get("/projects/WEB/imports/")
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    body, kind = form(file='<testsuite><testcase name="a"/></testsuite>')
    headers = {"Cookie": cookies, "X-CSRFToken": client.cookies["testoqa-csrf"].value, **kind}
    headers |= {"Transfer-Encoding": "chunked", "Origin": live_site}
    with sending(live_site, UPLOAD, headers) as connection:
        connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        status, fields, _ = answer(connection)
    assert status == 302 and "/imports/" in fields["location"]


def test_a_piece_too_much_of_a_chunked_import_is_refused(live_site, token, settings):
    settings.MAX_IMPORT = 100 * KIB
    assert send_in_chunks(live_site, IMPORT, 128 * KIB, token) == 413
