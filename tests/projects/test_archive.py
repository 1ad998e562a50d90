"""An archived project is read, and nobody changes anything in it."""

import pytest

from apps.executions.intake import read_waiting
from apps.projects import lifecycle
from apps.projects.refusals import TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_token, send_results

pytestmark = uses(populate_cast)


@pytest.fixture
def archived(project, owner):
    run = make_run(project)
    send_results(run, "pays")
    make_case(project)
    return lifecycle.archive_project(project, by=owner)


def test_an_owner_archives_and_restores_and_both_are_noted(client, project, owner):
    client.force_login(owner)
    client.post("/projects/WEB/settings/archive/")
    project.refresh_from_db()
    assert project.is_archived
    assert "is archived already" in client.post("/projects/WEB/settings/archive/", follow=True).text
    client.post("/projects/WEB/settings/restore/")
    project.refresh_from_db()
    assert not project.is_archived
    verbs = project.activity.filter(verb__startswith="project.").order_by("id")
    assert list(verbs.values_list("verb", flat=True))[-2:] == ["project.archive", "project.restore"]


def test_nobody_else_does(client, project, manager, outsider):
    for person, code in ((manager, 403), (outsider, 404)):
        client.force_login(person)
        assert client.post("/projects/WEB/settings/archive/").status_code == code
    project.refresh_from_db()
    assert not project.is_archived


WRITES = [
    ("/projects/WEB/cases/new/", {"title": "New"}),
    ("/projects/WEB/runs/new/", {"name": "New"}),
    ("/projects/WEB/runs/1/finish/", {}),
    ("/projects/WEB/imports/", {}),
    ("/api/v1/projects/WEB/runs/", {"name": "New"}),
    ("/api/v1/projects/WEB/cases/", {"title": "New"}),
    ("/api/v1/projects/WEB/runs/1/results/", {}),
    ("/api/v1/projects/WEB/imports/", {}),
    ("/api/v1/projects/WEB/artifacts/", {}),
    ("/api/v1/projects/WEB/reports/", {}),
]


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_even_its_owner_changes_nothing_and_is_told_why(client, archived, owner, path, body):
    client.force_login(owner)
    answer = client.post(path, body)
    assert answer.status_code == 403
    assert "WEB is archived" in answer.text
    bearer = {"Authorization": f"Bearer {make_token(owner)}"}
    if path.startswith("/api/"):
        assert client.post(path, body, headers=bearer).status_code == 403


def test_every_page_of_it_says_so_and_is_still_read(client, archived, viewer, owner):
    for person in (viewer, owner):
        client.force_login(person)
        for page in ("", "cases/", "runs/", "runs/1/", "imports/", "reports/", "members/"):
            answer = client.get(f"/projects/WEB/{page}")
            assert answer.status_code == 200
            assert "WEB is archived" in answer.text, page
    assert "Restore" in client.get("/projects/WEB/settings/").text


def test_its_owner_still_says_who_reads_it(client, project, archived, owner, viewer):
    client.force_login(owner)
    membership = project.memberships.get(user=viewer)
    assert client.post(f"/projects/WEB/members/{membership.pk}/remove/").status_code == 302
    assert not project.memberships.filter(user=viewer).exists()


def test_it_leaves_the_list_for_a_part_of_its_own(client, archived, owner):
    client.force_login(owner)
    page = client.get("/")
    assert page.context["projects"] == []
    assert page.context["archived"] == [archived]
    listed = client.get("/api/v1/projects/").json()["results"]
    assert [row["archived_at"] is not None for row in listed] == [True]


def test_an_upload_that_waits_is_refused(project, owner, settings, client):
    settings.QUICK_IMPORT = 0
    client.force_login(owner)
    file = "<testsuite><testcase classname='a' name='b'/></testsuite>"
    sent = client.post(
        "/api/v1/projects/WEB/imports/", {"file": as_file(file)}, headers={"X-CSRFToken": "x"}
    )
    assert sent.status_code == 202
    lifecycle.archive_project(project, by=owner)
    read_waiting(sent.json()["id"])
    receipt = client.get(f"/api/v1/projects/WEB/imports/{sent.json()['id']}/").json()
    assert receipt["state"] == "refused"
    assert not project.executions.exists()


def as_file(text):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("junit.xml", text.encode())


def test_by_the_api(client, project, owner, manager):
    client.force_login(owner)
    assert client.post("/api/v1/projects/WEB/archive/").json()["archived_at"]
    again = client.post("/api/v1/projects/WEB/archive/")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "archived")
    assert client.post("/api/v1/projects/WEB/restore/").json()["archived_at"] is None
    assert client.post("/api/v1/projects/WEB/restore/").status_code == 409
    client.force_login(manager)
    assert client.post("/api/v1/projects/WEB/archive/").status_code == 403


def test_archived_at_is_not_a_field_to_send(client, project, owner):
    client.force_login(owner)
    body = {"archived_at": "2026-01-01T00:00:00Z"}
    client.patch("/api/v1/projects/WEB/", body, "application/json")
    project.refresh_from_db()
    assert project.archived_at is None
    with pytest.raises(TransitionRefused):
        lifecycle.restore_project(project, by=owner)
