"""What a minute of the API takes from one token, one session and one address."""

import asyncio
import json
from collections import deque

import pytest

from testoqa.rates import MINUTE, RateLimit, Windows
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_token
from tests.live_site import live_site
from tests.site.raw import answer, sending

__all__ = ["live_site"]

ADDRESS = "/api/v1/projects/"
TOKEN = {"authorization": "Bearer tqa_known"}


class Behind:
    """Answers with the status that its table gives to a token, and counts."""

    def __init__(self):
        self.asked = 0
        self.status = {"Bearer tqa_known": 200, "Bearer tqa_other": 200, "testoqa=known": 200}

    async def __call__(self, scope, receive, send):
        self.asked += 1
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        who = headers.get("authorization") or headers.get("cookie")
        status = self.status.get(who, 401)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def behind():
    return Behind()


@pytest.fixture
def clock(monkeypatch):
    """clock.now is the time that the limits see."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr("testoqa.rates.monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def ask(settings, behind, clock):
    """ask(headers, path=…, client=…) is (status, headers, body)."""
    settings.RATE_LIMIT, settings.RATE_LIMIT_ADDRESS = 5, 3
    limit = RateLimit(behind)

    def request(headers=None, path=ADDRESS, client="203.0.113.7"):
        sent, incoming = [], deque([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive():
            return incoming.popleft()

        async def send(message):
            sent.append(message)

        fields = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {
            "type": "http", "method": "GET", "path": path, "headers": fields, "client": (client, 1),
        }  # fmt: skip
        asyncio.run(limit(scope, receive, send))
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], told, b"".join(part.get("body", b"") for part in sent[1:])

    request.limit = limit
    return request


def statuses(ask, times, *arguments, **options):
    return [ask(*arguments, **options)[0] for _ in range(times)]


def test_a_known_token_has_a_limit_of_its_own(ask, behind):
    assert statuses(ask, 7, TOKEN) == [200] * 6 + [429]
    assert behind.asked == 6  # the first of which counted for the address
    status, told, body = ask(TOKEN)
    problem = json.loads(body)
    assert status == 429
    assert told["content-type"] == "application/problem+json"
    assert int(told["retry-after"]) == problem["retry_after"] == MINUTE
    assert told["ratelimit-remaining"] == "0"
    assert (problem["status"], problem["errors"][0]["code"]) == (429, "too_many_requests")
    assert "5 requests" in problem["detail"]
    assert ask({"authorization": "Bearer tqa_other"})[0] == 200


def test_every_answer_tells_how_much_is_left(ask, clock):
    ask(TOKEN)
    told = [ask(TOKEN)[1] for _ in range(2)]
    assert [row["ratelimit-limit"] for row in told] == ["5", "5"]
    assert [row["ratelimit-remaining"] for row in told] == ["4", "3"]
    clock.now += 20
    assert ask(TOKEN)[1]["ratelimit-reset"] == "40"


def test_the_next_minute_begins_anew(ask, clock):
    assert statuses(ask, 7, TOKEN)[-1] == 429
    clock.now += MINUTE - 1
    assert ask(TOKEN)[0] == 429
    clock.now += 1
    assert statuses(ask, 5, TOKEN) == [200] * 5


def test_made_up_tokens_and_sessions_count_for_their_address(ask, behind):
    made_up = [{"authorization": f"Bearer tqa_{number}"} for number in range(3)]
    assert [ask(headers)[0] for headers in made_up] == [401] * 3
    assert ask({"authorization": "Bearer tqa_9"})[0] == 429
    assert ask({"cookie": "testoqa=made-up"})[0] == 429
    assert ask()[0] == 429
    assert ask(client="203.0.113.8")[0] == 401


def test_a_known_token_is_not_stopped_by_strangers_of_its_address(ask):
    assert ask(TOKEN)[0] == 200
    assert statuses(ask, 4)[-1] == 429
    assert ask(TOKEN)[0] == 200
    assert ask({"authorization": "Bearer tqa_other"})[0] == 429


def test_a_revoked_token_counts_for_its_address_again(ask, behind):
    assert statuses(ask, 2, TOKEN) == [200, 200]
    del behind.status["Bearer tqa_known"]
    assert statuses(ask, 4, TOKEN) == [401, 401, 401, 429]


def test_a_session_has_a_limit_of_its_own(ask):
    assert statuses(ask, 7, {"cookie": "testoqa=known"}) == [200] * 6 + [429]


def test_the_schema_makes_nobody_known(ask, behind):
    behind.status["testoqa=made-up"] = 200
    cookie = {"cookie": "testoqa=made-up"}
    assert statuses(ask, 4, cookie, path="/api/schema/") == [200, 200, 200, 429]


@pytest.mark.parametrize("path", ["/", "/projects/WEB/runs/1/live/", "/static/x.css", "/api/docs/"])
def test_pages_are_not_counted(ask, path):
    assert statuses(ask, 10, path=path) == [401] * 10


def test_households_of_the_sixth_version_are_one(ask):
    assert [ask(client=f"2001:db8::{n}")[0] for n in range(4)] == [401, 401, 401, 429]
    assert ask(client="2001:db8:0:1::1")[0] == 401


def test_a_forged_address_gains_nothing_without_a_trusted_proxy(ask, settings):
    forged = [{"x-forwarded-for": f"198.51.100.{number}"} for number in range(4)]
    assert [ask(headers)[0] for headers in forged] == [401, 401, 401, 429]
    settings.TRUST_PROXY = True
    assert ask({"x-forwarded-for": "198.51.100.9, 192.0.2.1"})[0] == 401


def test_zero_is_no_limit(ask, settings):
    settings.RATE_LIMIT = settings.RATE_LIMIT_ADDRESS = 0
    assert statuses(ask, 20, TOKEN) == [200] * 20
    assert "ratelimit-limit" not in ask(TOKEN)[1]


def test_no_more_senders_are_remembered_than_there_is_room_for(ask):
    windows = Windows(most=100)
    for number in range(1000):
        windows.of(number, now=number / 100)
    assert len(windows) == 100
    assert 999 in windows
    assert 0 not in windows
    for number in range(20_000):
        ask.limit.addresses.of(number, now=0)
    assert len(ask.limit.addresses) == 10_000


@uses(populate_cast)
def test_the_served_site_counts_and_refuses(settings, live_site, owner):
    settings.RATE_LIMIT = 3
    head = {"Authorization": f"Bearer {make_token(owner)}", "Connection": "close"}

    def get(path):
        with sending(live_site, path, head, method="GET") as connection:
            return answer(connection)

    found = [get(ADDRESS) for _ in range(5)]
    assert [status for status, *_ in found] == [200, 200, 200, 200, 429]
    _, headers, body = found[-1]
    assert headers["content-type"] == "application/problem+json"
    assert 0 < int(headers["retry-after"]) <= MINUTE
    assert json.loads(body)["title"] == "Too Many Requests"
    assert found[1][1]["ratelimit-remaining"] == "2"
