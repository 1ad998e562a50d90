"""Bodies that are too large, too slow or from nobody never reach a view."""

import json
import time

import pytest
from django.test import Client

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_project, make_token
from tests.live_site import live_site, serving
from tests.site.raw import KIB, answer, send, send_in_chunks, sending

__all__ = ["live_site"]

pytestmark = uses(populate_cast)

MIB = 1024 * KIB
BATCH = "/api/v1/projects/WEB/runs/1/results/"
IMPORT = "/api/v1/projects/WEB/imports/"
ARTIFACT = "/api/v1/projects/WEB/artifacts/"
CASE = "/api/v1/projects/WEB/cases/"
UPLOAD = "/projects/WEB/imports/"
ATTACH = "/projects/WEB/cases/12/attach/"


class Behind:
    """What stands behind the guard: reads the body as Django does and answers its length."""

    def __init__(self):
        self.bodies = []

    async def __call__(self, scope, receive, send):
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.bodies.append("gone")
                return
            size += len(message["body"])
            more = message["more_body"]
        self.bodies.append(size)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.fixture
def behind():
    return Behind()


@pytest.fixture
def guarded(transactional_db, settings, behind):
    """An address with small limits and nothing behind the guard that could be slow."""
    from testoqa.limits import BodyGuard

    settings.MAX_BODY = 100 * KIB
    settings.MAX_BATCH = 200 * KIB
    settings.MAX_IMPORT = 400 * KIB
    settings.MAX_ARTIFACT = 300 * KIB
    with serving(BodyGuard(behind), lifespan="off") as address:
        yield address


@pytest.mark.parametrize(
    ("path", "limit"),
    [(CASE, 100), (BATCH, 200), (IMPORT, 400), (ARTIFACT, 300), ("/accounts/login/", 100)],
)
def test_each_address_has_its_limit(path, limit, guarded, behind, token):
    assert send(guarded, path, limit * KIB, token) == 200
    assert send(guarded, path, limit * KIB + 1, token) == 413
    assert send_in_chunks(guarded, path, limit * KIB, token, piece=4 * KIB) == 200
    assert send_in_chunks(guarded, path, (limit + 16) * KIB, token) == 413
    assert behind.bodies == [limit * KIB, limit * KIB, "gone"]


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("/projects/WEB/imports/", "MAX_IMPORT"),
        ("/projects/WEB/artifacts/", "MAX_ARTIFACT"),
        ("/projects/WEB/cases/12/attach/", "MAX_ARTIFACT"),
        ("/api/v1/projects/WEB/runs/1/results/", "MAX_BATCH"),
        ("/api/v1/projects/WEB/runs/1/executions/results/", "MAX_BODY"),
        ("/api/v1/projects/WEB/imports/x/", "MAX_BODY"),
        ("/projects/WEB/cases/imports/", "MAX_BODY"),
        ("/x/api/v1/projects/WEB/imports/", "MAX_BODY"),
        ("/", "MAX_BODY"),
    ],
)
def test_only_the_addresses_of_files_and_batches_take_more(path, setting):
    from testoqa.limits import limit_setting

    assert limit_setting(path) == setting


def test_the_limits_are_those_of_the_contract(settings):
    limits = [settings.MAX_BODY, settings.MAX_BATCH, settings.MAX_IMPORT, settings.MAX_ARTIFACT]
    assert limits == [1 * MIB, 32 * MIB, 512 * MIB, 100 * MIB]


def test_a_refusal_by_the_announced_length_comes_before_the_body(guarded, token, behind):
    with sending(guarded, IMPORT, {**token, "Content-Length": 10**12}) as connection:
        status, headers, body = answer(connection)
    assert status == 413
    assert headers["content-type"] == "application/problem+json"
    problem = json.loads(body)
    assert problem["status"] == 413
    assert problem["limit"] == 400 * KIB
    assert "0.390625 MiB" in problem["detail"] and "TESTOQA_MAX_IMPORT_MB" in problem["detail"]
    assert problem["errors"][0]["code"] == "too_large"
    assert behind.bodies == []


def test_a_page_is_refused_in_words(guarded, token):
    with sending(guarded, "/accounts/login/", {"Content-Length": 10**9}) as connection:
        status, headers, body = answer(connection)
    assert status == 413
    assert headers["content-type"].startswith("text/html")
    assert b"0.0976562 MiB" in body and b"<style" not in body and b"<script" not in body


@pytest.mark.parametrize("path", [IMPORT, BATCH, ARTIFACT, CASE, UPLOAD])
@pytest.mark.parametrize("length", [{"Content-Length": 80 * KIB}, {"Transfer-Encoding": "chunked"}])
def test_nobody_knows_who_sends_a_large_body(path, length, guarded, behind):
    strangers = [{}, {"Authorization": "Bearer tqa_unknown"}, {"Cookie": "testoqa=unknown"}]
    for who in strangers:
        with sending(guarded, path, {**length, **who}) as connection:
            status, headers, body = answer(connection)
        assert status == 401
        if path != UPLOAD:
            assert json.loads(body)["status"] == 401
            assert headers["www-authenticate"] == "Bearer"
    assert behind.bodies == []


def test_a_small_body_is_left_to_the_view_to_judge(guarded, behind):
    assert send(guarded, IMPORT, 64 * KIB, {}) == 200
    assert behind.bodies == [64 * KIB]


@pytest.mark.parametrize("length", [{"Content-Length": 80 * KIB}, {"Transfer-Encoding": "chunked"}])
@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        *(("outsider", path, 404) for path in (IMPORT, BATCH, ARTIFACT, CASE, UPLOAD, ATTACH)),
        *(("viewer", path, 403) for path in (IMPORT, BATCH, ARTIFACT, UPLOAD, ATTACH)),
        ("tester", ATTACH, 403),
    ],
)
def test_the_door_is_asked_before_a_large_body_is_read(
    who, path, status, length, guarded, owner, behind, request
):
    person = request.getfixturevalue(who)
    with sending(guarded, path, {**length, **sender(person, path)}) as connection:
        found, _, body = answer(connection)
    assert found == status
    if path.startswith("/api/"):
        assert json.loads(body)["status"] == status
    assert behind.bodies == []
    with sending(guarded, path, {**length, **sender(owner, path)}) as connection:
        connection.sendall(b"0\r\n\r\n" if "Transfer-Encoding" in length else b"x" * 80 * KIB)
        assert answer(connection)[0] == 200


def sender(person, path):
    """What tells who sends: a token to the API, a session to a page."""
    if path.startswith("/api/"):
        return {"Authorization": f"Bearer {make_token(person)}"}
    client = Client()
    client.force_login(person)
    return {"Cookie": f"testoqa={client.cookies['testoqa'].value}"}


def test_a_token_says_no_more_to_the_door_than_its_role(guarded, project, owner, behind):
    for secret, status in [
        (make_token(owner, project, "viewer"), 403),
        (make_token(owner, make_project("APP", owner=owner), "owner"), 404),
    ]:
        headers = {"Authorization": f"Bearer {secret}", "Content-Length": 80 * KIB}
        with sending(guarded, IMPORT, headers) as connection:
            assert answer(connection)[0] == status
    assert behind.bodies == []


def test_a_session_may_send_a_large_body_until_it_ends(guarded, owner, behind):
    client = Client()
    client.force_login(owner)
    cookie = {"Cookie": f"testoqa={client.cookies['testoqa'].value}"}
    assert send(guarded, UPLOAD, 300 * KIB, cookie) == 200
    owner.is_active = False
    owner.save(update_fields=["is_active"])
    assert send(guarded, UPLOAD, 300 * KIB, cookie) == 401


def test_a_body_longer_than_its_announced_length_is_cut_there(guarded, behind, token):
    with sending(guarded, CASE, {**token, "Content-Length": 10}) as connection:
        connection.sendall(b"x" * 50 * KIB)
        assert answer(connection)[0] == 200
    assert behind.bodies == [10]


def test_chunks_beside_a_small_announced_length_are_counted(guarded, behind):
    lying = {"Content-Length": 10, "Transfer-Encoding": "chunked"}
    with sending(guarded, IMPORT, lying) as connection:
        assert answer(connection)[0] in {400, 401}
    assert behind.bodies == []


def test_a_body_that_stops_is_given_up(guarded, settings, behind):
    settings.BODY_PATIENCE = 0.5
    with sending(guarded, CASE, {"Content-Length": 1000}) as connection:
        connection.sendall(b"x" * 10)
        began = time.monotonic()
        status, _, body = answer(connection)
    assert status == 408 and json.loads(body)["errors"][0]["code"] == "too_slow"
    assert time.monotonic() - began < 5
    assert behind.bodies == ["gone"]


def test_a_body_that_drips_is_given_up(guarded, settings, behind):
    settings.BODY_PATIENCE = 0.5
    with sending(guarded, CASE, {"Content-Length": 1000}) as connection:
        began = time.monotonic()
        while not behind.bodies and time.monotonic() - began < 5:
            connection.sendall(b"x")
            time.sleep(0.1)
        assert answer(connection)[0] == 408
    assert behind.bodies == ["gone"]


def test_a_steady_body_may_take_longer_than_the_patience(guarded, settings, behind):
    settings.BODY_PATIENCE = 0.5
    with sending(guarded, CASE, {"Content-Length": 20 * KIB}) as connection:
        for _ in range(10):
            connection.sendall(b"x" * 2 * KIB)
            time.sleep(0.1)
        assert answer(connection)[0] == 200


def test_who_hangs_up_leaves_nothing_behind(guarded, behind, token):
    with sending(guarded, IMPORT, {**token, "Content-Length": 100 * KIB}) as connection:
        connection.sendall(b"x" * 10 * KIB)
        time.sleep(0.3)
    give_up = time.monotonic() + 5
    while not behind.bodies and time.monotonic() < give_up:
        time.sleep(0.05)
    assert behind.bodies == ["gone"]
    assert send(guarded, IMPORT, 100 * KIB, token) == 200


def test_who_sends_everything_before_reading_still_gets_the_answer(guarded, token):
    assert send(guarded, IMPORT, 8 * MIB, token) == 413


def test_a_client_that_asks_first_sends_nothing_in_vain(guarded, token, behind):
    expecting = {**token, "Content-Length": 10**9, "Expect": "100-continue"}
    began = time.monotonic()
    with sending(guarded, IMPORT, expecting) as connection:
        assert answer(connection)[0] == 413
        assert connection.recv(1) == b""
    assert time.monotonic() - began < 3


def test_the_guard_stands_before_the_site(live_site, token):
    with sending(live_site, IMPORT, {**token, "Content-Length": 513 * MIB}) as connection:
        status, _, body = answer(connection)
    assert status == 413 and "512 MiB" in json.loads(body)["detail"]
    with sending(live_site, IMPORT, {"Transfer-Encoding": "chunked"}) as connection:
        assert answer(connection)[0] == 401
    with sending(live_site, "/accounts/login/", {"Content-Length": 2 * MIB}) as connection:
        status, _, body = answer(connection)
    assert status == 413 and b"1 MiB" in body
    with sending(live_site, "/accounts/login/", {}, method="GET") as connection:
        assert answer(connection)[0] == 200
