"""How files leave, by page and API alike."""

import io

import pytest
from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse

from apps.artifacts.streaming import in_pieces
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_token, owner_of

pytestmark = uses(populate_cast)

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"


@pytest.fixture(params=["page", "api"])
def get(request, client, viewer):
    """Asks for the bytes of an artifact as a viewer would; returns the answer."""

    def ask(artifact, key="WEB"):
        if request.param == "page":
            client.force_login(viewer)
            return client.get(f"/projects/{key}/artifacts/{artifact.pk}/")
        return client.get(
            f"/api/v1/projects/{key}/artifacts/{artifact.pk}/content/",
            headers={"Authorization": f"Bearer {make_token(viewer)}"},
        )

    return ask


@pytest.mark.parametrize(
    ("data", "name", "content_type", "disposition"),
    [
        (b"<html><script>x</script>", "a.txt", "text/html", 'attachment; filename="a.txt"'),
        (b"<svg onload='x'/>", "a.png", "image/svg+xml", 'attachment; filename="a.png"'),
        (b"var x = 1", "a.js", "application/octet-stream", 'attachment; filename="a.js"'),
        (PNG, "a.png", "image/png", 'inline; filename="a.png"'),
        (b"GIF89a\x01\xff<script>x</script>", "a", "image/gif", 'inline; filename="a"'),
        (b"GIF89a=1;x()//", "a.gif", "text/plain; charset=utf-8", 'inline; filename="a.gif"'),
        (b"%PDF-1.7\n\xff", "a.pdf", "application/pdf", 'attachment; filename="a.pdf"'),
        (b"\x00\x01", "a", "application/octet-stream", 'attachment; filename="a"'),
        (b"words", 'a"b.log', "text/plain; charset=utf-8", 'inline; filename="a\\"b.log"'),
        ("Ж".encode("utf-16"), "a", "text/plain; charset=utf-16", 'inline; filename="a"'),
        ("Ж".encode("utf-16-be"), "a", "application/octet-stream", 'attachment; filename="a"'),
        (b"\xfe\xff\x04\x16", "a", "text/plain; charset=utf-16", 'inline; filename="a"'),
        ("Ж".encode("utf-32"), "a", "text/plain; charset=utf-32", 'inline; filename="a"'),
        ("Ж".encode("utf-8-sig"), "a", "text/plain; charset=utf-8", 'inline; filename="a"'),
        ("ЖЖ".encode() * 4096, "a", "text/plain; charset=utf-8", 'inline; filename="a"'),
        (b"words", "é.log", "text/plain; charset=utf-8", "inline; filename*=utf-8''%C3%A9.log"),
    ],
)
def test_only_pictures_and_text_are_shown(get, project, data, name, content_type, disposition):
    answer = get(make_artifact(project, data, name))
    assert answer.status_code == 200
    assert answer.getvalue() == data
    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"] == disposition
    assert answer["Content-Length"] == str(len(data))
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = "sandbox; default-src 'none'; frame-ancestors 'none'"
    if content_type.startswith("image/") and disposition.startswith("inline"):
        policy += "; style-src 'unsafe-inline'"
    assert answer["Content-Security-Policy"] == policy
    assert answer["Cache-Control"] == "private, no-store"


def test_a_picture_is_judged_again_by_what_lies_in_the_storage(get, project):
    artifact = make_artifact(project, PNG, "a.png")
    with open(default_storage.path(artifact.file.name), "wb") as file:
        file.write(b"<html>")
    answer = get(artifact)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.getvalue() == b"<html>"


def test_a_text_that_is_not_what_it_was_taken_for_names_no_charset(get, project):
    artifact = make_artifact(project, b"words", "a.log")
    with open(default_storage.path(artifact.file.name), "wb") as file:
        file.write("Grüße".encode("latin-1"))
    answer = get(artifact)
    assert answer["Content-Type"] == "text/plain"
    assert answer.getvalue().decode("latin-1") == "Grüße"


def test_a_file_of_another_project_does_not_exist(get, other_project):
    foreign = make_artifact(other_project)
    assert get(foreign).status_code == 404
    assert get(foreign, key="OPS").status_code == 404


def test_a_file_that_the_storage_lost_is_missing(get, project, caplog):
    artifact = make_artifact(project)
    default_storage.delete(artifact.file.name)
    assert get(artifact).status_code == 404
    assert str(artifact.pk) in caplog.text


def test_the_headers_come_without_the_bytes(client, project):
    artifact = make_artifact(project, b"12345")
    client.force_login(owner_of(project))
    answer = client.head(artifact.get_absolute_url())
    assert (answer.status_code, answer["Content-Length"], answer.content) == (200, "5", b"")


def test_an_outsider_and_a_stranger_get_nothing(client, project, outsider):
    address = make_artifact(project).get_absolute_url()
    assert client.get(address).status_code == 302
    client.force_login(outsider)
    assert client.get(address).status_code == 404


def test_a_file_is_closed_though_nobody_reads_it(rf):
    file = io.BytesIO(b"words")
    StreamingHttpResponse(in_pieces(rf.get("/"), file)).close()
    assert file.closed


@pytest.mark.django_db(transaction=True)
async def test_a_file_leaves_in_small_pieces_under_asgi(async_client, project):
    data = b"x" * 200_000
    artifact = await sync_to_async(make_artifact)(project, data)
    await async_client.aforce_login(await sync_to_async(owner_of)(project))
    answer = await async_client.get(artifact.get_absolute_url())
    pieces = [piece async for piece in answer]
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) == 64 * 1024
