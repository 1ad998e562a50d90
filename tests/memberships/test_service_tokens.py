"""Tokens of a project itself: they stay when people leave, and end with all that was theirs."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.memberships import lifecycle
from apps.memberships.models import ApiToken
from apps.projects.models import Activity
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run, make_token

pytestmark = uses(populate_cast)

API = "/api/v1/projects/WEB/tokens/"
SETTINGS = "/projects/WEB/settings/tokens/"


def bearer(secret):
    return {"authorization": f"Bearer {secret}"}


def issue(project, owner, role="tester", **fields):
    return lifecycle.issue_service_token(project, name="CI", role=role, by=owner, **fields)


def test_an_owner_makes_one_on_the_page(client, project, owner):
    client.force_login(owner)
    fields = {"name": "GitHub", "holder": "project", "role": "tester", "lifetime": "90"}
    html = client.post(SETTINGS, fields).text
    (secret,) = set(re.findall(r"tqa_[\w-]{40,}", html))
    token = project.tokens.get()
    assert token.user.is_service
    assert re.fullmatch(r"token-[0-9a-f]{16}@web\.service\.invalid", token.user.email)
    assert not token.user.has_usable_password()
    assert project.memberships.get(user=token.user).role == "tester"
    client.logout()
    body = {"name": "Nightly"}
    made = client.post(
        "/api/v1/projects/WEB/runs/", body, "application/json", headers=bearer(secret)
    )
    assert made.status_code == 201
    assert made.json()["triggered_by"] == "GitHub"
    assert Activity.objects.get(verb="run.create").who == token.user.email


def test_an_owner_makes_one_by_the_api_and_others_do_not(client, project, owner, manager):
    body = {"name": "CI", "role": "tester", "service": True}
    client.force_login(manager)
    assert client.post(API, body, "application/json").status_code == 403
    client.force_login(owner)
    made = client.post(API, body, "application/json")
    assert made.status_code == 201
    assert (made.json()["service"], made.json()["person"]) == (True, None)
    secret = made.json()["token"]
    assert client.get("/api/v1/projects/WEB/", headers=bearer(secret)).status_code == 200
    assert client.get("/api/v1/projects/OPS/", headers=bearer(secret)).status_code == 404
    names = [row["email"] for row in client.get("/api/v1/projects/WEB/members/").json()["results"]]
    assert not [name for name in names if name.endswith(".invalid")]
    client.force_login(manager)
    assert client.get(API).json()["results"] == []


def test_a_manager_is_not_offered_one(client, manager):
    client.force_login(manager)
    form = client.get("/projects/WEB/settings/").context["token_form"]
    assert "holder" not in form.fields
    fields = {"name": "x", "holder": "project", "role": "tester", "lifetime": "90"}
    client.post(SETTINGS, fields)
    assert not User.objects.filter(is_service=True).exists()
    client.post(SETTINGS, fields | {"lifetime": "0"})
    assert not ApiToken.objects.filter(expires_at=None).exists()


def test_an_owner_may_make_one_without_an_end(client, project, owner):
    client.force_login(owner)
    body = {"name": "CI", "role": "tester", "service": True, "expires_at": None}
    assert client.post(API, body, "application/json").status_code == 201
    assert project.tokens.get().expires_at is None
    fields = {"name": "mine", "role": "tester", "lifetime": "0"}
    client.post(SETTINGS, fields)
    assert project.tokens.get(name="mine").expires_at is None


def test_it_owns_nothing(client, project, owner):
    with pytest.raises(Refused, match="cannot be owner"):
        issue(project, owner, role="owner")
    token, _ = issue(project, owner)
    membership = project.memberships.get(user=token.user)
    with pytest.raises(Refused, match="owns nothing"):
        lifecycle.change_role(membership, "owner", by=owner)
    with pytest.raises(Refused, match="stands for a token"):
        lifecycle.add_member(project, token.user, "viewer", by=owner)


def test_revoking_ends_its_membership_and_its_account(client, project, owner):
    token, secret = issue(project, owner)
    make_run(project, by=token.user)
    client.force_login(owner)
    assert client.post(f"{SETTINGS}{token.pk}/revoke/").status_code == 302
    client.logout()
    assert client.get("/api/v1/projects/", headers=bearer(secret)).status_code == 401
    account = User.objects.get(pk=token.user_id)
    assert not account.is_active
    assert not account.groups.exists()
    assert not account.memberships.exists()
    verbs = list(Activity.objects.values_list("verb", flat=True))
    assert {"token.issue", "token.revoke", "member.remove"} <= set(verbs)
    members = Activity.objects.filter(verb__in=["member.add", "member.remove"])
    labels = members.filter(object_label__contains="token").values_list("object_label", flat=True)
    assert list(labels) == ["CI, the project's token"] * 2


def test_removing_its_membership_ends_it_too(project, owner):
    token, _ = issue(project, owner)
    lifecycle.remove_member(project.memberships.get(user=token.user), by=owner)
    token.refresh_from_db()
    assert token.state == "revoked"
    assert not User.objects.get(pk=token.user_id).is_active


def test_it_stays_when_whoever_made_it_leaves(client, project, owner, manager):
    _, secret = issue(project, owner)
    own = make_token(manager, project, "viewer")
    lifecycle.remove_member(project.memberships.get(user=manager), by=owner)
    assert client.get("/api/v1/projects/WEB/", headers=bearer(secret)).status_code == 200
    assert client.get("/api/v1/projects/WEB/", headers=bearer(own)).status_code == 401


def test_nobody_signs_in_as_one(project, owner):
    token, _ = issue(project, owner)
    token.user.set_password("Correct-Horse-9")
    with pytest.raises(IntegrityError), transaction.atomic():
        token.user.save()


def test_a_token_makes_no_service_that_outlasts_it(client, project, owner):
    end = timezone.now() + timedelta(days=1)
    headers = bearer(make_token(owner, project, "owner", expires_at=end))
    body = {"name": "CI", "role": "tester", "service": True, "expires_at": None}
    assert client.post(API, body, "application/json", headers=headers).status_code == 201
    assert project.tokens.get(name="CI").expires_at == end
