"""Guests of a run see it and nothing else of its project."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.artifacts.lifecycle import hang_artifact
from apps.memberships.lifecycle import add_member, remove_member
from apps.projects.lifecycle import archive_project
from apps.projects.models import Activity
from apps.projects.refusals import Refused
from apps.runs import lifecycle
from apps.runs.models import RunGuest
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_run, make_token, make_user, send_results

pytestmark = uses(populate_cast)

WORDS = "If there is an account with the address"


@pytest.fixture
def earlier(project):
    """Another run, which tells what passed before."""
    run = make_run(project, name="Earlier")
    send_results(run, "pays")
    lifecycle.finish(run, by=run.created_by)
    return run


@pytest.fixture
def shared(project, earlier):
    run = make_run(project, name="Shared")
    send_results(run, {"name": "pays", "status": "failed", "message": "declined"})
    return run


@pytest.fixture
def guest(shared, owner):
    person = make_user("guest@example.com")
    lifecycle.add_guest(shared, person.email, by=owner)
    return person


@pytest.fixture
def executor(shared, owner):
    person = make_user("executor@example.com")
    lifecycle.add_guest(shared, person.email, may_execute=True, by=owner)
    return person


def page_of(run, more=""):
    return f"{run.get_absolute_url()}{more}"


def api_of(run, more=""):
    return f"/api/v1/projects/WEB/runs/{run.number}/{more}"


def links_of(html):
    """Where the page leads to within a project."""
    found = set(re.findall(r'(?:href|action|hx-get)="(/(?:api/v1/)?projects/[^"?#]*)', html))
    return found - {"/projects/new/"}


def test_a_guest_sees_the_run_and_its_results(client, shared, guest):
    client.force_login(guest)
    execution = shared.executions.get()
    html = client.get(page_of(shared)).text
    assert "Shared" in html
    assert "pays" in html
    drawer = client.get(page_of(shared, f"executions/{execution.pk}/"))
    assert "declined" in drawer.text
    assert client.get(page_of(shared, "live/?since=0")).status_code == 200
    assert client.get(api_of(shared)).json()["counts"]["failed"] == 1
    (row,) = client.get(api_of(shared, "executions/")).json()["results"]
    assert client.get(api_of(shared, f"executions/{row['id']}/")).status_code == 200
    assert client.get(api_of(shared, "changes/?since=0")).status_code == 200


def test_every_link_that_a_guest_is_shown_leads_somewhere(client, shared, executor, owner):
    file = make_artifact(shared.project, name="server.log")
    hang_artifact(file, shared, by=owner)
    client.force_login(executor)
    execution = shared.executions.get()
    pages = ["", f"executions/{execution.pk}/", "live/?since=0", f"?x={execution.pk}"]
    seen = set()
    for page in pages:
        for hx in ({}, {"hx-request": "true"}):
            seen |= links_of(client.get(page_of(shared, page), headers=hx).text)
    assert page_of(shared, f"files/{file.pk}/") in seen
    dead = {link for link in seen if client.head(link).status_code in {403, 404}}
    assert not dead
    assert all(link.startswith(page_of(shared)) for link in seen)


def test_nothing_of_other_runs_is_told(client, shared, earlier, guest, owner):
    client.force_login(guest)
    execution = shared.executions.get()
    for page in ("", f"executions/{execution.pk}/", "live/?since=0"):
        html = client.get(page_of(shared, page)).text
        assert "Earlier" not in html
        assert 'class="ticks"' not in html
        assert "Last results" not in html
    client.force_login(owner)
    assert "Earlier" in client.get(page_of(shared, f"executions/{execution.pk}/")).text
    assert 'class="ticks"' in client.get(page_of(shared)).text


def test_a_guest_sees_nothing_else(client, shared, earlier, guest):
    client.force_login(guest)
    for path in ["", "cases/", "cases/1/", "runs/", f"runs/{earlier.number}/", "members/",
                 "settings/", "reports/", "imports/", "activity/"]:  # fmt: skip
        assert client.get(f"/projects/WEB/{path}").status_code == 404, path
    for path in ["", "cases/", "runs/", f"runs/{earlier.number}/", "members/", "tokens/",
                 f"runs/{earlier.number}/executions/", "artifacts/", "imports/"]:  # fmt: skip
        assert client.get(f"/api/v1/projects/WEB/{path}").status_code == 404, path
    other = earlier.executions.get()
    assert client.get(page_of(shared, f"executions/{other.pk}/")).status_code == 404
    assert client.get(api_of(shared, f"executions/{other.pk}/")).status_code == 404
    assert client.get("/api/v1/projects/").json()["results"] == []


def test_files_of_the_run_and_of_its_executions_are_a_guests_too(client, shared, guest, owner):
    own, hung, stray = (make_artifact(shared.project, name=f"{n}.txt") for n in "abc")
    hang_artifact(own, shared, by=owner)
    hang_artifact(hung, shared.executions.get(), by=owner)
    client.force_login(guest)
    for file in (own, hung):
        assert client.head(page_of(shared, f"files/{file.pk}/")).status_code == 200
        assert client.head(api_of(shared, f"artifacts/{file.pk}/content/")).status_code == 200
        assert client.get(reverse("artifacts:download", args=["WEB", file.pk])).status_code == 404
    assert client.head(page_of(shared, f"files/{stray.pk}/")).status_code == 404
    assert client.head(api_of(shared, f"artifacts/{stray.pk}/content/")).status_code == 404
    listed = client.get(api_of(shared, "artifacts/")).json()["results"]
    assert {row["name"] for row in listed} == {"a.txt", "b.txt"}


def test_one_who_may_execute_judges_and_another_does_not(client, shared, guest, executor):
    execution = shared.executions.get()
    verdict = page_of(shared, f"executions/{execution.pk}/verdict/")
    client.force_login(guest)
    refused = client.post(verdict, {"verdict": "passed"})
    assert refused.status_code == 403
    assert "guest of this run" in refused.text
    assert "/projects/WEB/members/" not in refused.text
    assert "Set the verdict" not in client.get(page_of(shared, f"executions/{execution.pk}/")).text
    client.force_login(executor)
    assert "Set the verdict" in client.get(page_of(shared, f"executions/{execution.pk}/")).text
    assert client.post(verdict, {"verdict": "passed", "note": "A slow net."}).status_code == 302
    execution.refresh_from_db()
    assert (execution.verdict, execution.executed_by) == ("passed", executor)
    assert Activity.objects.filter(verb="execution.judge", user=executor).exists()
    body = {"verdict": "blocked"}
    answer = client.patch(api_of(shared, f"executions/{execution.pk}/"), body, "application/json")
    assert answer.json()["verdict"] == "blocked"


def test_driving_the_run_is_for_members(client, shared, executor):
    client.force_login(executor)
    html = client.get(page_of(shared)).text
    for verb in ("finish", "cancel", "abort", "delete"):
        assert f"{verb}/" not in html
        assert client.post(page_of(shared, f"{verb}/")).status_code == 403
    for path in ("finish/", "cancel/", "guests/"):
        assert client.post(api_of(shared, path)).status_code == 403
    batch = [{"name": "x", "status": "passed"}]
    answer = client.post(api_of(shared, "results/"), batch, "application/json")
    assert answer.status_code == 403
    assert "takes a member of WEB" in answer.json()["detail"]
    shared.refresh_from_db()
    assert shared.state == "running"


def test_a_manager_adds_and_removes_on_the_page(client, shared, manager):
    make_user("new@example.com")
    client.force_login(manager)
    fields = {"email": "New@Example.com", "may_execute": "on"}
    html = client.post(page_of(shared, "guests/"), fields, follow=True).text
    assert f"{WORDS} new@example.com" in html.replace("New@Example.com", "new@example.com")
    row = shared.guests.get()
    assert (row.email, row.may_execute, row.user.email) == (
        "new@example.com", True, "new@example.com",
    )  # fmt: skip
    client.post(page_of(shared, "guests/"), {"email": "new@example.com"})
    row.refresh_from_db()
    assert not row.may_execute
    client.post(page_of(shared, f"guests/{row.pk}/remove/"))
    assert not shared.guests.exists()
    assert {"guest.add", "guest.remove"} <= set(Activity.objects.values_list("verb", flat=True))


def test_nobody_learns_whether_an_address_has_an_account(client, shared, manager):
    make_user("known@example.com")
    client.force_login(manager)
    pages, answers = [], []
    for who in ("known@example.com", "nobody@example.com"):
        html = client.post(page_of(shared, "guests/"), {"email": who}, follow=True).text
        pages.append(
            re.sub(r"csrf\w*|value=\"\w{64}\"|\"X-CSRFToken\": \"\w+\"", "", html).count(who)
        )
        lifecycle.remove_guest(shared.guests.get(), by=manager)
        made = client.post(api_of(shared, "guests/"), {"email": who}, "application/json")
        answers.append((made.status_code, sorted(made.json()), made.json()["may_execute"]))
        lifecycle.remove_guest(shared.guests.get(), by=manager)
    assert pages[0] == pages[1]
    assert answers[0] == answers[1]


def test_an_address_without_an_account_opens_nothing_until_it_is_added_again(
    client, shared, manager
):
    lifecycle.add_guest(shared, "later@example.com", by=manager)
    person = make_user("later@example.com")
    client.force_login(person)
    assert client.get(page_of(shared)).status_code == 404
    lifecycle.add_guest(shared, "later@example.com", by=manager)
    assert client.get(page_of(shared)).status_code == 200
    assert shared.guests.count() == 1


def test_a_tester_and_a_viewer_add_nobody(client, shared, tester, viewer):
    for person in (tester, viewer):
        client.force_login(person)
        assert "Add a guest" not in client.get(page_of(shared)).text
        answer = client.post(page_of(shared, "guests/"), {"email": "x@example.com"})
        assert answer.status_code == 403
        assert client.get(api_of(shared, "guests/")).status_code == 403
    assert not RunGuest.objects.exists()


def test_a_member_needs_no_invitation_and_loses_nothing_by_one(client, shared, owner, tester):
    with pytest.raises(Refused, match="is a member of WEB"):
        lifecycle.add_guest(shared, tester.email, by=owner)
    person = make_user("both@example.com")
    lifecycle.add_guest(shared, person.email, by=owner)
    add_member(shared.project, person, "manager", by=owner)
    client.force_login(person)
    assert "Delete" in client.get(page_of(shared)).text
    assert client.post(page_of(shared, "finish/")).status_code == 302
    assert client.get("/").text.count("Shared with me") == 0
    remove_member(shared.project.memberships.get(user=person), by=owner)
    assert client.get(page_of(shared)).status_code == 200
    assert client.get("/projects/WEB/").status_code == 404


def test_my_projects_lists_what_is_shared_with_me(client, shared, guest, outsider):
    client.force_login(guest)
    html = client.get("/").text
    assert "Shared with me" in html
    assert page_of(shared) in html
    client.force_login(outsider)
    assert "Shared with me" not in client.get("/").text


def test_the_guests_go_with_their_run(client, shared, guest, owner):
    lifecycle.delete_run(shared, by=owner)
    assert not RunGuest.objects.exists()
    client.force_login(guest)
    assert client.get(page_of(shared)).status_code == 404
    assert "Shared with me" not in client.get("/").text


def test_a_removed_guest_is_out_at_once(client, shared, guest, owner):
    client.force_login(guest)
    assert client.get(page_of(shared)).status_code == 200
    lifecycle.remove_guest(shared.guests.get(), by=owner)
    assert client.get(page_of(shared)).status_code == 404
    assert client.get(api_of(shared)).status_code == 404


def test_an_archived_project_is_read_by_guests_too(client, shared, executor, owner):
    archive_project(shared.project, by=owner)
    client.force_login(executor)
    assert client.get(page_of(shared)).status_code == 200
    verdict = page_of(shared, f"executions/{shared.executions.get().pk}/verdict/")
    assert client.post(verdict, {"verdict": "passed"}).status_code == 403


def test_a_guest_needs_the_second_factor_that_the_project_asks_for(client, shared, guest):
    shared.project.second_factor = True
    shared.project.save(update_fields=["second_factor"])
    client.force_login(guest)
    answer = client.get(page_of(shared))
    assert answer.status_code == 403
    assert "second factor" in answer.text
    assert "Shared with me" not in client.get("/").text


def test_a_guests_own_token_opens_the_run_and_a_confined_one_does_not(
    client, shared, executor, other_project, owner
):
    def ask(secret, path="", method="get"):
        headers = {"authorization": f"Bearer {secret}"}
        return getattr(client, method)(api_of(shared, path), headers=headers).status_code

    assert ask(make_token(executor)) == 200
    assert ask(make_token(executor, scope="read")) == 200
    assert ask(make_token(executor, scope="results")) == 200
    assert ask(make_token(executor, scope="results"), "results/", "post") == 403
    add_member(other_project, executor, "owner", by=owner)
    assert ask(make_token(executor, other_project, "owner")) == 404


def test_odd_keys_and_numbers_are_not_looked_for(client, guest):
    client.force_login(guest)
    for prefix in ("/projects/", "/api/v1/projects/"):
        for path in ("%00/runs/1/", "WEB/runs/99999999999999999999/"):
            assert client.get(f"{prefix}{path}").status_code == 404


ASKED = ("guardian", "auth_permission", "objectpermission", "runs_runguest", "mfa_authenticator")


@pytest.mark.parametrize("who", ["owner", "viewer", "guest"])
def test_who_may_come_in_is_asked_with_two_queries(client, shared, guest, who, request):
    person = guest if who == "guest" else User.objects.get(email=f"{who}@example.com")
    client.force_login(person)
    execution = shared.executions.get()
    paths = [page_of(shared), page_of(shared, "live/?since=0"), api_of(shared),
             page_of(shared, f"executions/{execution.pk}/"), api_of(shared, "executions/"),
             api_of(shared, f"executions/{execution.pk}/")]  # fmt: skip
    for path in paths:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        listed = 'ORDER BY "runs_runguest"."email"'  # the panel itself
        asked = [
            query["sql"]
            for query in queries
            if any(name in query["sql"] for name in ASKED) and listed not in query["sql"]
        ]
        assert len(asked) <= 2, (path, asked)
