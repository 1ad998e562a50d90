"""Sessions that somebody else chose or kept, and passwords that are guessed."""

import re

import pytest
from django.conf import settings
from django.core.cache import cache

from apps.accounts.models import User
from testoqa.testing import uses
from tests.walls.permissions.setting import PASSWORD

from .data import populate_two_teams

pytestmark = uses(populate_two_teams)

FORM = {"login": "viewer@example.com", "password": PASSWORD}


def cookie_of(answer, name=None):
    """The cookie that the answer sets, None where it sets none."""
    name = name or settings.SESSION_COOKIE_NAME
    found = [
        value.partition(";")[0].partition("=")[2]
        for header, value in answer.headers
        if header.lower() == "set-cookie" and value.startswith(f"{name}=")
    ]
    return found[-1] if found else None


def sign_in(visitor, **fields):
    return visitor.post("/accounts/login/", form={**FORM, **fields})


def test_a_session_from_before_is_not_that_after_signing_in(teams):
    """Whoever slipped a key to the victim, by cookie or by address, holds nothing of it."""
    visitor = teams.attacker("anonymous")
    chosen = "a" * 32
    visitor.cookies[settings.SESSION_COOKIE_NAME] = chosen
    key = cookie_of(sign_in(visitor))
    assert key
    assert key != chosen
    thief = teams.attacker("anonymous")
    thief.cookies[settings.SESSION_COOKIE_NAME] = chosen
    assert thief.get("/projects/WEB/").status == 302
    thief.cookies.clear()
    for name in ("sessionid", settings.SESSION_COOKIE_NAME, "session_key"):
        assert thief.get(f"/projects/WEB/?{name}={key}").status == 302


def test_each_sign_in_has_a_key_of_its_own_and_ends_with_it(teams):
    visitor = teams.attacker("anonymous")
    first = cookie_of(sign_in(visitor))
    second = cookie_of(sign_in(teams.attacker("anonymous")))
    assert first != second
    visitor.cookies[settings.SESSION_COOKIE_NAME] = first
    assert visitor.get("/projects/WEB/").status == 200
    assert visitor.post("/accounts/logout/").status == 302
    visitor.cookies[settings.SESSION_COOKIE_NAME] = first
    assert visitor.get("/projects/WEB/").status == 302
    other = teams.attacker("anonymous")
    other.cookies[settings.SESSION_COOKIE_NAME] = second
    assert other.get("/projects/WEB/").status == 200


def test_the_cookie_of_a_session_is_kept_from_scripts_and_other_sites(teams):
    answer = sign_in(teams.attacker("anonymous"))
    (said,) = [
        value
        for header, value in answer.headers
        if header.lower() == "set-cookie" and value.startswith(f"{settings.SESSION_COOKIE_NAME}=")
    ]
    parts = {part.strip().lower() for part in said.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)


@pytest.fixture(autouse=True)
def fresh_limits():
    """allauth's own limits of requests, which live in this process."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def victim(teams):
    """With a password that is hashed as quickly as the tests' are."""
    person = User.objects.get(email="tester@example.com")
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


def test_guesses_from_forged_addresses_close_the_account_all_the_same(teams, victim):
    """X-Forwarded-For is what the client writes, unless a proxy is trusted."""
    visitor = teams.attacker("anonymous")
    codes = []
    for guess in range(settings.AXES_FAILURE_LIMIT + 1):
        forged = {
            "X-Forwarded-For": f"203.0.113.{guess}",
            "X-Real-IP": f"203.0.113.{guess}",
            "Forwarded": f"for=203.0.113.{guess}",
            "Client-IP": f"203.0.113.{guess}",
        }
        fields = {"login": victim.email, "password": f"guess {guess}"}
        codes.append(visitor.post("/accounts/login/", form=fields, headers=forged).status)
    assert codes[-1] in {403, 429}
    right = {"login": victim.email, "password": PASSWORD}
    answer = visitor.post("/accounts/login/", form=right, headers={"X-Forwarded-For": "1.2.3.4"})
    assert answer.status in {403, 429}
    assert cookie_of(answer) is None


def test_one_address_is_stopped_however_many_accounts_it_tries(teams):
    visitor = teams.attacker("anonymous")
    for guess in range(settings.ADDRESS_FAILURE_LIMIT + 1):
        visitor.post(
            "/accounts/login/",
            form={"login": f"nobody{guess}@example.com", "password": "guess"},
            headers={"X-Forwarded-For": f"198.51.100.{guess}"},
        )
    answer = sign_in(visitor)
    assert answer.status in {200, 403, 429}
    assert cookie_of(answer) is None


def without_what_differs(text, *words):
    for word in words:
        text = text.replace(word, "")
    return re.sub(r'value="[^"]*"|X-CSRFToken": "[^"]*"', "", text)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/"])
def test_whether_there_is_an_account_is_not_told(teams, path):
    """The same answer for an address of the second team as for one of nobody."""
    known, unknown = "outsider@example.com", "nobodyxx@example.com"
    found = []
    for address in (known, unknown):
        visitor = teams.attacker("anonymous", heard=lambda answer: None)
        form = {"login": address, "email": address, "password": "wrong"}
        answer = visitor.post(path, form=form)
        found.append((answer.status, without_what_differs(answer.text, address)))
    assert found[0] == found[1]


def test_a_password_is_in_no_line_of_the_log(teams):
    secret = "Unguessable-Words-77"
    visitor = teams.attacker("anonymous")
    visitor.post("/accounts/login/", form={"login": "viewer@example.com", "password": secret})
    visitor.get(f"/accounts/login/?password={secret}", headers={"X-Token": secret})
    visitor.ask("POST", "/api/v1/projects/", json={}, headers={"Authorization": f"Bearer {secret}"})
    assert not [line for line in teams.logs.lines if secret in line]
