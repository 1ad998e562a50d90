"""What is logged of requests, and that no secret is ever in it."""

import io
import json
import logging
import logging.config
import re

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from testoqa import logs
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_token

pytestmark = uses(populate_cast)

SECRET = "s3cr3t-canary-of-this-test"
NAMED = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>(?:\[[^\]]*\]|[^)[])+\)")
NO_SECRET = r"reports/<str:id>/|<slug:provider_id>/"
TEXTS = ("", "str", "slug")
OPEN = {"projects/<str:key>/", "api/v1/projects/<str:key>/"}


@pytest.fixture
def written():
    """written(format) sends what is logged from then on into a text that it returns."""
    found = []

    def begin(format, level="INFO"):
        config = logs.settings_of(format, level)
        stream = io.StringIO()
        config["handlers"]["console"]["stream"] = stream
        found.append({name: logging.getLogger(name).__dict__.copy() for name in names()})
        logging.config.dictConfig(config)
        return stream

    yield begin
    for name, state in (found or [{}])[0].items():
        logging.getLogger(name).__dict__.update(state)


def names():
    return ["", "django", "testoqa.requests"]


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_holds_one_line_for_each_request(client, owner, written):
    client.force_login(owner)
    stream = written("json", "WARNING")
    answer = client.get("/projects/WEB/runs/", {"q": SECRET})
    (line,) = lines(stream)
    assert line["time"].endswith("+00:00")
    assert line["level"] == "INFO"
    assert line["logger"] == "testoqa.requests"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/projects/WEB/runs/", 200)
    assert line["user_id"] == owner.pk
    assert line["request_id"] == answer["X-Request-ID"]
    assert isinstance(line["duration_ms"], int)


def test_an_act_by_token_names_the_person(client, project, owner, written):
    bearer = {"Authorization": f"Bearer {make_token(owner)}"}
    stream = written("json")
    client.get("/api/v1/projects/WEB/", headers=bearer)
    assert lines(stream)[-1]["user_id"] == owner.pk


def test_nobody_is_looked_for_on_account_of_the_log(client, written, django_assert_num_queries):
    stream = written("json")
    with django_assert_num_queries(0):
        client.get("/healthz")
    assert lines(stream)[-1]["user_id"] is None


def test_plain_lines_come_when_the_level_asks(client, owner, written):
    client.force_login(owner)
    stream = written("plain", "WARNING")
    client.get("/")
    assert stream.getvalue() == ""
    stream = written("plain", "INFO")
    client.get("/")
    assert "INFO testoqa.requests: GET / 200" in stream.getvalue()


def test_a_failure_is_one_line_with_what_was_raised(owner, written, monkeypatch):
    from apps.projects import views

    def broken(*_):
        raise RuntimeError(f"Authorization: Bearer {SECRET}")

    monkeypatch.setattr(views.figures, "trend_runs", broken)
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    stream = written("json")
    client.get("/projects/WEB/")
    failures = [line for line in lines(stream) if line["level"] == "ERROR"]
    assert any("RuntimeError" in line.get("exception", "") for line in failures)
    assert SECRET not in stream.getvalue()
    assert len({line["request_id"] for line in lines(stream)}) == 1


@pytest.mark.parametrize("format", ["plain", "json"])
def test_secrets_sent_everywhere_are_nowhere_in_the_log(project, owner, written, format):
    client = Client(raise_request_exception=False)
    token = make_token(owner)
    client.force_login(owner)
    session = client.cookies["testoqa"].value
    stream = written(format, "DEBUG")
    client.cookies["other"] = SECRET
    for path in (
        "/",
        f"/?next={SECRET}",
        f"/nothing/?token={SECRET}",
        f"/nothing/{token}/",
        f"/accounts/password/reset/key/1-{SECRET}/",
        f"/accounts/login/?next=/{SECRET}",
        f"/api/v1/projects/WEB/?token={SECRET}",
        f"/api/v1/nothing?token={SECRET}",
    ):
        for headers in (
            {},
            {"Authorization": f"Bearer tqa_{SECRET}"},
            {"Authorization": f"Bearer {token}"},
            {"Authorization": f"Basic {SECRET}", "X-CSRFToken": SECRET, "Referer": f"/{SECRET}"},
        ):
            client.get(path, headers=headers)
            client.post(path, {"password": SECRET, "login": "owner@example.com"}, headers=headers)
    Client(enforce_csrf_checks=True).post(
        "/accounts/login/", {"login": "owner@example.com", "password": SECRET}
    )
    text = stream.getvalue()
    assert text.count("\n") > 60
    for secret in (SECRET, token, token.removeprefix("tqa_"), session):
        assert secret not in text


def routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


def secret_routes():
    """Those with a text in them that is no key of a project, number of a report or provider."""
    for route in routes(get_resolver()):
        open_part = next((part for part in OPEN if route.startswith(part)), "")
        rest = re.sub(NO_SECRET, "", route.removeprefix(open_part))
        texts = [name for kind, name, old in NAMED.findall(rest) if kind in TEXTS or old]
        if texts and not route.startswith("admin/"):
            yield route


def test_every_address_with_a_key_in_it_is_masked():
    found = list(secret_routes())
    assert any("password/reset/key" in route for route in found)
    for route in found:
        path = "/" + NAMED.sub(SECRET, route).replace("^", "").replace("$", "").replace("\\Z", "")
        assert SECRET in path
        assert SECRET not in logs.masked(path), route


def test_what_a_log_masks_and_what_it_leaves():
    for text, shown in (
        ("Not Found: /accounts/confirm-email/abc:def/", "Not Found: /accounts/confirm-email/…/"),
        ("GET /runs/?q=1 200", "GET /runs/ 200"),
        ("Cookie: a=b; c=d", "Cookie: …"),
        ("a tqa_abcDEF-_1.", "a tqa_…."),
        ("/projects/WEB/runs/45/ took 12 ms", "/projects/WEB/runs/45/ took 12 ms"),
    ):
        assert logs.masked(text) == shown
