"""The audit trail: what it says, and that nobody changes it."""

import pytest
from django.db import DatabaseError, connection, transaction

from apps.accounts.actor import Actor, acts
from apps.accounts.models import InstanceActivity
from apps.accounts.trail import note_instance
from apps.cases import lifecycle as cases
from apps.executions.lifecycle import set_verdict
from apps.memberships import lifecycle as memberships
from apps.projects import lifecycle as projects
from apps.projects.models import Activity
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_token, send_results

pytestmark = uses(populate_cast)


def last(project):
    return project.activity.order_by("-id").first()


def said(row):
    return row.who, row.verb, row.object_label, row.before, row.after


def test_a_verb_tells_who_what_and_which_fields(project, owner, tester):
    projects.change_project(project, by=owner, name="Shop", default_branch="main")
    assert said(last(project)) == (
        "owner@example.com",
        "project.change",
        "Shop",
        {"name": "Project WEB"},
        {"name": "Shop"},
    )
    membership = project.memberships.get(user=tester)
    memberships.change_role(membership, "manager", by=owner)
    assert said(last(project)) == (
        "owner@example.com",
        "member.change_role",
        "tester@example.com",
        {"role": "tester"},
        {"role": "manager"},
    )
    case = make_case(project, by=owner)
    cases.change_case(case, by=owner, title="Pays by invoice", tags=["money"])
    row = last(project)
    assert (row.object_type, row.object_id) == ("case", str(case.pk))
    assert row.before == {"title": "Pays by card", "tags": []}
    assert row.after == {"title": "Pays by invoice", "tags": ["money"], "version": 2}


def test_a_long_text_is_cut_and_a_verdict_keeps_its_note(project, owner, tester):
    case = make_case(project, by=owner)
    cases.change_case(case, by=owner, description="x" * 5000)
    assert len(last(project).after["description"]) == 300
    run = make_run(project, cases=[case])
    set_verdict(run.executions.get(), "passed", by=tester, note="seen")
    row = last(project)
    assert (row.verb, row.before, row.after) == (
        "execution.judge",
        {"status": "queued"},
        {"status": "passed", "note": "seen"},
    )


def test_results_are_one_row_without_their_payload(project, owner):
    run = make_run(project)
    send_results(run, {"name": "pays", "status": "failed", "message": "card 4111111111111111"})
    rows = project.activity.filter(object_type="import")
    assert [row.verb for row in rows] == ["import.send"]
    assert not Activity.objects.filter(after__icontains="4111").exists()


def test_an_act_by_token_names_the_token_and_never_its_secret(project, owner, client):
    secret = make_token(owner, project, "owner", name="laptop")
    answer = client.patch(
        "/api/v1/projects/WEB/",
        {"name": "Shop"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
        REMOTE_ADDR="127.0.0.9",
    )
    row = last(project)
    assert (answer.status_code, row.verb, row.address) == (200, "project.change", "127.0.0.9")
    assert row.token == f"laptop ({secret[:8]}…)"
    assert row.request_id == answer["X-Request-ID"]
    assert not Activity.objects.filter(after__icontains=secret).exists()


def test_what_the_client_writes_into_x_forwarded_for_counts_for_nothing(client, owner, settings):
    client.force_login(owner)
    forged = {"X-Forwarded-For": "10.0.0.1, 10.0.0.2"}
    client.post("/projects/WEB/settings/environments/", {"name": "uat"}, headers=forged)
    assert Activity.objects.latest("id").address == "127.0.0.1"
    settings.TRUST_PROXY = True
    client.post("/projects/WEB/settings/environments/", {"name": "uat2"}, headers=forged)
    assert Activity.objects.latest("id").address == "10.0.0.2"


def test_a_refused_verb_leaves_no_row(project, owner):
    before = project.activity.count()
    with pytest.raises(memberships.LastOwner):
        memberships.remove_member(project.memberships.get(user=owner), by=owner)
    assert project.activity.count() == before


CHANGES = ["UPDATE {} SET who = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]


@pytest.mark.parametrize("table", ["projects_activity", "accounts_instanceactivity"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_the_trail(owner, table, change):
    note_instance("session.begin", owner, by=owner)
    connection.check_constraints()
    with (
        pytest.raises(DatabaseError, match="keeps every row"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table))


def test_the_instances_own_trail_tells_of_people_and_origins(owner):
    with acts(Actor(address="127.0.0.1", request_id="r1")):
        note_instance("session.begin", owner, by=owner, after={"factor": "password"})
    row = InstanceActivity.objects.get(verb="session.begin")
    assert (row.who, row.address, row.request_id) == ("owner@example.com", "127.0.0.1", "r1")
    assert row.after == {"factor": "password"}
