"""Tokens that open every project of a person: their page in the account area, and the API."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.memberships.models import ApiToken
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_token, make_user

pytestmark = uses(populate_cast)

PAGE, API = "/accounts/tokens/", "/api/v1/tokens/"


def bearer(secret):
    return {"authorization": f"Bearer {secret}"}


def days_left(token):
    return round((token.expires_at - timezone.now()) / timedelta(days=1))


def test_a_secret_is_shown_once_and_opens_what_the_person_sees(client, tester):
    client.force_login(tester)
    answer = client.post(PAGE, {"name": "laptop", "lifetime": "30"})
    (secret,) = set(re.findall(r"tqa_[\w-]{40,}", answer.text))
    assert "no-store" in answer["Cache-Control"]
    assert secret not in client.get(PAGE).text
    token = ApiToken.objects.get()
    assert (token.project, token.role, token.scope) == (None, "", "all")
    assert days_left(token) == 30
    client.logout()
    assert client.get("/api/v1/projects/WEB/", headers=bearer(secret)).status_code == 200
    assert client.get("/api/v1/projects/OPS/", headers=bearer(secret)).status_code == 404


def test_the_page_offers_ninety_days_and_no_token_without_an_end(client, tester):
    client.force_login(tester)
    form = client.get(PAGE).context["token_form"]
    assert form["lifetime"].value() == 90
    answer = client.post(PAGE, {"name": "laptop", "lifetime": "0"})
    assert answer.context["token_form"].errors["lifetime"]
    assert not ApiToken.objects.exists()


def test_the_page_shows_my_tokens_alone_and_ends_them(client, project, tester, viewer):
    make_token(tester, name="mine")
    make_token(tester, project, "viewer", name="confined")
    make_token(viewer, name="of somebody else")
    client.force_login(tester)
    html = client.get(PAGE).text
    assert "mine" in html
    assert "confined" in html
    assert "of somebody else" not in html
    token = ApiToken.objects.get(name="mine")
    assert client.post(f"{PAGE}{token.pk}/revoke/").url == PAGE
    token.refresh_from_db()
    assert token.state == "revoked"
    other = ApiToken.objects.get(name="of somebody else")
    assert client.post(f"{PAGE}{other.pk}/revoke/").status_code == 404


def test_the_api_makes_lists_and_ends_them(client, tester):
    client.force_login(tester)
    made = client.post(API, {"name": "laptop", "scope": "read"}, "application/json")
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    secret = made.json()["token"]
    assert days_left(ApiToken.objects.get()) == 90
    (listed,) = client.get(API).json()["results"]
    assert "token" not in listed
    assert (listed["scope"], listed["state"], listed["project"]) == ("read", "active", None)
    assert client.delete(f"{API}{listed['id']}/").status_code == 204
    assert client.get(API, headers=bearer(secret)).status_code == 401


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (None, "endless"),
        (lambda: timezone.now() - timedelta(days=1), "past"),
        (lambda: timezone.now() + timedelta(days=400), "too_long"),
    ],
)
def test_an_end_that_cannot_be_is_refused(client, tester, end, code):
    client.force_login(tester)
    body = {"name": "laptop", "expires_at": end and end().isoformat()}
    answer = client.post(API, body, "application/json")
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert not ApiToken.objects.exists()


def test_a_token_makes_none_that_outlasts_it_or_leaves_its_project(client, project, owner):
    end = timezone.now() + timedelta(days=2)
    personal = bearer(make_token(owner, expires_at=end))
    made = client.post(API, {"name": "child"}, "application/json", headers=personal)
    assert made.status_code == 201
    assert ApiToken.objects.get(name="child").expires_at == end
    confined = bearer(make_token(owner, project, "owner"))
    answer = client.post(API, {"name": "escape"}, "application/json", headers=confined)
    assert answer.status_code == 403
    assert "confined to one project" in answer.json()["detail"]
    assert client.get(API, headers=confined).status_code == 403


def test_a_token_says_when_it_is_to_be_renewed(client, tester):
    now = timezone.now()
    ends = {
        "lasting": now + timedelta(days=15),
        "ending": now + timedelta(days=13),
        "over": now - timedelta(days=1),
        "endless": None,
    }
    for name, end in ends.items():
        make_token(tester, name=name, expires_at=end)
    client.force_login(tester)
    states = {row["name"]: row["state"] for row in client.get(API).json()["results"]}
    assert states == {
        "lasting": "active",
        "ending": "renew_soon",
        "over": "expired",
        "endless": "active",
    }
    assert "Renew soon" in client.get(PAGE).text


def test_a_token_ends_with_its_persons_account(client):
    person = make_user()
    secret = make_token(person)
    assert client.get(API, headers=bearer(secret)).status_code == 200
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert client.get(API, headers=bearer(secret)).status_code == 401
