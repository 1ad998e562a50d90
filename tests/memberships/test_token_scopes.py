"""What the scope of a token leaves of its role, asked anew for every request."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.memberships import lifecycle
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_token

pytestmark = uses(populate_cast)

PROJECT = "/api/v1/projects/WEB/"
JUNIT = b'<testsuite name="shop"><testcase classname="shop.Cart" name="adds"/></testsuite>'


@pytest.fixture
def api(client):
    """api(secret, method, path, body) is the answer."""

    def ask(secret, method, path, body=None, **options):
        headers = {"authorization": f"Bearer {secret}"}
        if body is not None:
            options |= {"data": body, "content_type": "application/json"}
        return getattr(client, method)(f"{PROJECT}{path}", headers=headers, **options)

    return ask


def junit():
    return SimpleUploadedFile("junit.xml", JUNIT)


def test_sending_results_is_all_that_its_scope_allows(api, client, project, owner):
    secret = make_token(owner, project, "owner", scope="results")
    number = api(secret, "post", "runs/", {"name": "Nightly"}).json()["number"]
    assert api(secret, "post", f"runs/{number}/start/").status_code == 200
    batch = [{"name": "shop.Cart adds", "status": "passed"}]
    assert api(secret, "post", f"runs/{number}/results/", batch).status_code == 201
    for target in ({"run": str(number)}, {"execution": str(project.executions.get().pk)}):
        sent = api(secret, "post", "artifacts/", data={"file": junit(), **target})
        assert sent.status_code == 201
    assert api(secret, "post", f"runs/{number}/finish/").json()["verdict"] == "passed"
    assert api(secret, "get", f"runs/{number}/").status_code == 200
    receipt = api(secret, "post", "imports/", data={"file": junit()})
    assert receipt.status_code == 201
    assert client.get(
        receipt.json()["url"], headers={"authorization": f"Bearer {secret}"}
    ).json()["received"] == 1  # fmt: skip


def test_what_sends_no_results_is_refused_with_a_sentence(api, project, owner):
    run, case = make_run(project), make_case(project)
    secret = make_token(owner, project, "owner", scope="results")
    asked = [
        ("get", ""), ("get", "runs/"), ("get", "cases/"), ("get", f"runs/{run.number}/executions/"),
        ("post", f"runs/{run.number}/cancel/"), ("patch", f"runs/{run.number}/"),
        ("post", "cases/"), ("get", "members/"), ("get", "tokens/"), ("get", "imports/"),
        ("post", "artifacts/"), ("get", "artifacts/"),
    ]  # fmt: skip
    for method, path in asked:
        body = {"name": "x"} if method != "get" and path != "artifacts/" else None
        options = {"data": {"file": junit()}} if path == "artifacts/" and method == "post" else {}
        answer = api(secret, method, path, body, **options)
        assert answer.status_code == 403, (method, path)
        assert "only send results" in answer.json()["detail"], (method, path)
    for target in ({"case": case.key}, {"report": "1"}, {}):
        answer = api(secret, "post", "artifacts/", data={"file": junit(), **target})
        assert answer.status_code == 403
        assert "only send results" in answer.json()["detail"]


def test_reading_is_all_that_its_scope_allows(api, client, project, owner):
    run = make_run(project)
    secret = make_token(owner, project, "owner", scope="read")
    for path in ("", "runs/", f"runs/{run.number}/", "cases/", "members/", "tokens/"):
        assert api(secret, "get", path).status_code == 200
    for method, path in [
        ("post", "runs/"),
        ("post", f"runs/{run.number}/start/"),
        ("patch", ""),
        ("post", "tokens/"),
        ("delete", f"members/{project.memberships.get(user=owner).pk}/"),
    ]:
        answer = api(secret, method, path, {"name": "x", "role": "viewer"})
        assert answer.status_code == 403, (method, path)
        assert "only read" in answer.json()["detail"]
    headers = {"authorization": f"Bearer {make_token(owner, scope='read')}"}
    body = {"key": "NEW", "name": "New"}
    made = client.post("/api/v1/projects/", body, "application/json", headers=headers)
    assert made.status_code == 403
    made = client.post("/api/v1/tokens/", {"name": "x"}, "application/json", headers=headers)
    assert made.status_code == 403


def test_a_scope_adds_nothing_to_a_role(api, project, viewer, client):
    client.force_login(viewer)
    body = {"name": "x", "role": "viewer", "scope": "results"}
    answer = client.post(f"{PROJECT}tokens/", body, "application/json")
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "sends_nothing"
    client.logout()
    personal = make_token(viewer, scope="results")
    assert api(personal, "post", "runs/", {"name": "x"}).status_code == 403


def test_a_lesser_role_narrows_a_token_at_the_next_request(api, project, owner, tester):
    secret = make_token(tester, project, "tester")
    assert api(secret, "post", "runs/", {"name": "before"}).status_code == 201
    membership = project.memberships.get(user=tester)
    lifecycle.change_role(membership, "viewer", by=owner)
    assert api(secret, "post", "runs/", {"name": "after"}).status_code == 403
    assert api(secret, "get", "runs/").status_code == 200
    lifecycle.revoke_token(project.tokens.get(), by=owner)
    assert api(secret, "get", "runs/").status_code == 401


@pytest.mark.parametrize("scope", ["read", "results"])
def test_a_narrow_token_may_send_no_large_body_elsewhere(api, project, owner, scope):
    """The guard before Django asks the same door."""
    from testoqa.limits import refuse_sender

    secret = make_token(owner, project, "owner", scope=scope)
    headers = {b"authorization": f"Bearer {secret}".encode()}
    run = make_run(project)
    results = refuse_sender(headers, f"{PROJECT}runs/{run.number}/results/")
    assert (results and results.status) == (403 if scope == "read" else None)
    assert refuse_sender(headers, "/projects/WEB/cases/1/attach/").status == 403
