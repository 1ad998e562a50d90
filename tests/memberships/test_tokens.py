import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.memberships.models import ApiToken
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_member, make_project, make_token

pytestmark = uses(populate_cast)


def bearer(secret):
    return {"authorization": f"Bearer {secret}"}


def make_on_page(client, **fields):
    fields = {"name": "GitHub", "role": "tester", "lifetime": "90"} | fields
    return client.post("/projects/WEB/settings/tokens/", fields)


def test_a_secret_is_shown_once_and_works(client, project, tester):
    client.force_login(tester)
    response = make_on_page(client)
    (secret,) = set(re.findall(r"tqa_[\w-]{40,}", response.text))
    assert "no-store" in response["Cache-Control"]
    assert secret not in client.get("/projects/WEB/settings/").text
    token = project.tokens.get()
    assert token.digest == ApiToken.digest_of(secret)
    assert secret not in str(vars(token))
    assert 89 <= (token.expires_at - timezone.now()).days <= 90
    client.logout()
    assert client.get("/api/v1/projects/WEB/", headers=bearer(secret)).json()["key"] == "WEB"
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_a_role_above_ones_own_cannot_be_chosen(client, project, tester):
    client.force_login(tester)
    response = make_on_page(client, role="owner")
    assert response.context["token_form"].errors["role"]
    assert not project.tokens.exists()


def test_the_ready_lines_name_this_project(client, viewer):
    client.force_login(viewer)
    page = client.get("/projects/WEB/settings/").text
    assert page.count("http://testserver/api/v1/projects/WEB/imports/") >= 5
    for tool in ["curl", "GitHub Actions", "GitLab CI", "Jenkins", "pytest"]:
        assert f"<h3>{tool}</h3>" in page


def test_a_member_sees_their_own_tokens_and_an_owner_all(client, project, tester, owner):
    make_token(tester, project, "tester", name="first")
    make_token(make_member(project, "tester"), project, "tester", name="second")
    client.force_login(tester)
    assert [row.name for row in client.get("/projects/WEB/settings/").context["tokens"]] == [
        "first"
    ]
    client.force_login(owner)
    assert len(client.get("/projects/WEB/settings/").context["tokens"]) == 2


def test_a_revoked_token_is_refused_at_once(client, project, tester):
    secret = make_token(tester, project, "tester")
    token = project.tokens.get()
    client.force_login(tester)
    client.post(f"/projects/WEB/settings/tokens/{token.pk}/revoke/")
    client.logout()
    answer = client.get("/api/v1/projects/", headers=bearer(secret))
    assert answer.status_code == 401
    assert answer.json()["status"] == 401


def test_a_confined_token_sees_its_project_and_makes_none(client, project, owner):
    make_project("APP", owner)
    secret = make_token(owner, project, "owner")
    listed = client.get("/api/v1/projects/", headers=bearer(secret)).json()["results"]
    assert [row["key"] for row in listed] == ["WEB"]
    body = {"key": "NEW", "name": "New"}
    answer = client.post("/api/v1/projects/", body, "application/json", headers=bearer(secret))
    assert answer.status_code == 403
    free = make_token(owner)
    answer = client.post("/api/v1/projects/", body, "application/json", headers=bearer(free))
    assert answer.status_code == 201
    assert answer.json()["role"] == "owner"


def test_a_token_makes_none_that_can_do_more_or_lasts_longer(client, project, owner):
    end = timezone.now() + timedelta(days=1)
    secret = make_token(owner, project, "tester", expires_at=end)
    ask = {"content_type": "application/json", "headers": bearer(secret)}
    body = {"name": "more", "role": "owner"}
    answer = client.post("/api/v1/projects/WEB/tokens/", body, **ask)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "above_own"
    body = {"name": "same", "role": "tester"}
    answer = client.post("/api/v1/projects/WEB/tokens/", body, **ask)
    assert answer.status_code == 201
    assert answer.json()["token"].startswith("tqa_")
    assert project.tokens.get(name="same").expires_at == end
    assert "token" not in client.get("/api/v1/projects/WEB/tokens/", **ask).json()["results"][0]


@pytest.mark.parametrize("path", ["", "WEB/environments/", "WEB/members/", "WEB/tokens/"])
def test_twenty_rows_of_a_list_cost_what_one_costs(
    client, project, owner, django_assert_num_queries, path
):
    secret = make_token(owner)
    make_token(owner, project, "tester")
    address = f"/api/v1/projects/{path}"
    client.get(address, headers=bearer(secret))
    with CaptureQueriesContext(connection) as one:
        client.get(address, headers=bearer(secret))
    for number in range(20):
        project.environments.create(name=f"e{number}")
        make_member(project, "tester")
        make_token(owner, project, "tester")
        make_project(f"P{number}", owner)
    with django_assert_num_queries(len(one)):
        assert len(client.get(address, headers=bearer(secret)).json()["results"]) >= 20


def test_a_token_ends_nothing_that_may_do_more_than_itself(client, project, owner):
    make_token(owner, project, "tester", name="nightly")
    make_member(project, "owner")
    read_only = {"headers": bearer(make_token(owner, project, "viewer"))}
    nightly, own = project.tokens.get(name="nightly"), project.memberships.get(user=owner)
    answer = client.delete(f"/api/v1/projects/WEB/tokens/{nightly.pk}/", **read_only)
    assert answer.status_code == 403
    assert "may do more than itself" in answer.json()["detail"]
    assert client.delete(f"/api/v1/projects/WEB/members/{own.pk}/", **read_only).status_code == 403
    nightly.refresh_from_db()
    assert nightly.is_usable
    assert project.memberships.filter(user=owner).exists()
    whole = {"headers": bearer(make_token(owner, project, "owner"))}
    assert client.delete(f"/api/v1/projects/WEB/tokens/{nightly.pk}/", **whole).status_code == 204
    assert client.delete(f"/api/v1/projects/WEB/members/{own.pk}/", **whole).status_code == 204
