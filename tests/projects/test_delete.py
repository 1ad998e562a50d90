"""A deleted project is gone at once for everybody, and a job leaves nothing of it behind."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from apps.accounts.models import InstanceActivity, User
from apps.accounts.trail import note_instance
from apps.memberships.lifecycle import issue_service_token
from apps.projects import deletion, lifecycle
from apps.projects.models import Project
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import (
    make_artifact,
    make_member,
    make_project,
    make_run,
    make_token,
    owner_of,
)
from tests.races import overtake
from tests.walls.world import make_world, tenant_models

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worlds(project, other_project, settings, tmp_path):
    """A row of every table, and a file, in both projects."""
    settings.MEDIA_ROOT = tmp_path / "files"  # other processes have rows of the same ids
    make_world(project, 1)
    make_world(other_project, 2)
    for each in (project, other_project):
        make_artifact(each, name="kept.txt")
        make_token(make_member(each), each)
        issue_service_token(each, name="ci", role="tester", by=owner_of(each))
        default_storage.save(f"{each.pk}/{'a' * 32}", ContentFile(b"of no row"))
    return project, other_project


def service_of(project):
    return User.objects.get(is_service=True, memberships__project=project)


def ask(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def hashes(project):
    """{table: a hash of what the project has in it}, and the names of its files."""
    found = {}
    for model, owner in deletion.owner_fields().items():
        table, column = model._meta.db_table, owner.column
        found[table] = ask(
            f"SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) "
            f'FROM "{table}" t WHERE "{column}" = %s',
            project.pk,
        )
    names = f"project {project.pk} "
    found["groups"] = list(Group.objects.filter(name__startswith=names).order_by("pk"))
    found["people"] = list(User.objects.filter(groups__name__startswith=names).order_by("pk"))
    found["files"] = sorted(
        name for folder, _ in deletion.folders(project.pk) for name in listed(folder)
    )
    return found


def listed(folder):
    try:
        return default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return []


def tables_that_name(project):
    """Tables with a column that is a key of projects, and that hold this one."""
    keys = ask(
        "SELECT conrelid::regclass::text, attname FROM pg_constraint "
        "JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] "
        "WHERE contype = 'f' AND confrelid = 'projects_project'::regclass"
    )
    columns = ask(
        "SELECT table_name::text, 'project_id' FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND column_name = 'project_id'"
    )
    return {
        table
        for table, column in {*keys, *columns}
        if ask(f'SELECT FROM {table} WHERE "{column}" = %s LIMIT 1', project.pk)
    }


def test_nothing_of_it_is_left_and_another_project_is_as_it_was(worlds, owner, run_jobs):
    project, other = worlds
    assert len(tables_that_name(project)) >= len(tenant_models())
    service = service_of(project)
    before = hashes(other)
    assert before["files"]
    lifecycle.delete_project(project, by=owner)
    run_jobs()
    assert not Project.objects.filter(pk=project.pk).exists()
    assert tables_that_name(project) == set()
    gone = hashes(project)
    assert not gone["groups"]
    assert not gone["people"]
    assert not gone["files"]
    assert not default_storage.exists(str(project.pk))
    assert not User.objects.filter(pk=service.pk).exists()
    assert hashes(other) == before


def test_the_instance_keeps_who_deleted_which_key(project, owner, run_jobs):
    lifecycle.delete_project(project, by=owner)
    run_jobs()
    rows = InstanceActivity.objects.filter(project_key="WEB").order_by("id")
    assert [(row.who, row.verb) for row in rows] == [
        ("owner@example.com", "project.delete"),
        ("TestoQA", "project.erase"),
    ]
    assert rows[0].before == {"name": "Project WEB"}


def test_at_once_nobody_sees_it(project, owner, viewer, client):
    secret = make_token(owner, project, "owner")
    client.force_login(owner)
    answer = client.post("/projects/WEB/settings/delete/", {"confirmation": "WEB"}, follow=True)
    assert "Its key is free when" in answer.text
    for person in (owner, viewer):
        client.force_login(person)
        assert client.get("/projects/WEB/").status_code == 404
        assert client.get("/").context["projects"] == []
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/projects/WEB/", headers=bearer).status_code == 404
    assert client.get("/api/v1/projects/", headers=bearer).json()["results"] == []


def test_it_takes_the_key_typed_by_an_owner(project, owner, manager, outsider, client):
    client.force_login(owner)
    for typed in ("", "web", "OPS", "Project WEB"):
        answer = client.post("/projects/WEB/settings/delete/", {"confirmation": typed}, follow=True)
        assert "type WEB to confirm" in answer.text
    for person, code in ((manager, 403), (outsider, 404)):
        client.force_login(person)
        body = {"confirmation": "WEB"}
        assert client.post("/projects/WEB/settings/delete/", body).status_code == code
    project.refresh_from_db()
    assert project.deleted_at is None


def test_by_the_api_the_key_comes_in_a_header(project, owner, manager, client):
    client.force_login(owner)
    refused = client.delete("/api/v1/projects/WEB/")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "X-Confirm"
    assert client.delete("/api/v1/projects/WEB/", headers={"X-Confirm": "OPS"}).status_code == 400
    client.force_login(manager)
    assert client.delete("/api/v1/projects/WEB/", headers={"X-Confirm": "WEB"}).status_code == 403
    client.force_login(owner)
    answer = client.delete("/api/v1/projects/WEB/", headers={"X-Confirm": "WEB"})
    assert (answer.status_code, answer.json()) == (202, {"key": "WEB", "state": "deleting"})
    assert client.get("/api/v1/projects/WEB/").status_code == 404


def test_its_key_is_taken_until_the_job_has_ended(project, owner, run_jobs):
    lifecycle.delete_project(project, by=owner)
    with pytest.raises(Refused, match="is being deleted"):
        make_project("WEB", owner)
    run_jobs()
    assert make_project("WEB", owner).pk != project.pk


def test_a_second_attempt_goes_on_where_the_first_was_cut_off(worlds, owner, monkeypatch):
    project, other = worlds
    before = hashes(other)
    lifecycle.delete_project(project, by=owner)
    for place in ("executions_import", "projects_project", "folders"):
        with monkeypatch.context() as patch:
            cut_off(patch, place)
            with pytest.raises(Cut):
                deletion.erase(project.pk)
    deletion.erase(project.pk)
    assert tables_that_name(project) == set()
    assert not hashes(project)["files"]
    assert hashes(other) == before


class Cut(Exception):
    """The power is off."""


def cut_off(patch, place):
    """End it before the rows of a table go, before the project does, or before the last files."""
    if place == "folders":
        patch.setattr(deletion, "sweep", cut)
    elif place == "projects_project":
        patch.setattr(deletion, "remove_account", cut)
    else:
        remove = deletion.remove_rows
        patch.setattr(
            deletion,
            "remove_rows",
            lambda model, pk: cut() if model._meta.db_table == place else remove(model, pk),
        )


def cut(*_):
    raise Cut


def test_steps_are_small(worlds, owner, monkeypatch):
    project, _ = worlds
    suite = project.suites.get(name="Cart")
    for name in ("a", "b", "c"):
        suite = project.suites.create(parent=suite, name=name, path=name)
    monkeypatch.setattr(deletion, "STEP", 1)
    monkeypatch.setattr(deletion, "FILES", 1)
    lifecycle.delete_project(project, by=owner)
    deletion.erase(project.pk)
    assert tables_that_name(project) == set()


def test_a_project_that_nobody_deleted_stays(worlds):
    project, _ = worlds
    before = hashes(project)
    deletion.erase(project.pk)
    assert hashes(project) == before


def test_a_service_account_that_the_instance_remembers_is_closed_instead(worlds, owner):
    project, _ = worlds
    account = service_of(project)
    note_instance("token.issue", by=account)
    lifecycle.delete_project(project, by=owner)
    deletion.erase(project.pk)
    account.refresh_from_db()
    assert not account.is_active
    assert not account.groups.exists()


def test_the_job_that_was_lost_is_asked_for_again(project, owner, run_jobs):
    lifecycle.delete_project(project, by=owner)
    ask("DELETE FROM procrastinate_jobs RETURNING id")
    from apps.projects.tasks import go_on_erasing

    go_on_erasing.defer(timestamp=0)
    run_jobs()
    run_jobs()
    assert not Project.objects.filter(pk=project.pk).exists()


@pytest.mark.races("apps.projects.lifecycle.delete_project")
def test_a_project_is_deleted_once(project, owner):
    _, refusal = overtake(
        lambda: lifecycle.delete_project(project, by=owner),
        lambda: lifecycle.delete_project(project, by=owner),
        allow=[TransitionRefused],
    )
    assert refusal.code == "deleted"
    assert InstanceActivity.objects.filter(verb="project.delete").count() == 1


def test_the_project_waits_for_whoever_still_writes(project, owner):
    """Who came through the door before may commit a run after the other rows have gone."""
    lifecycle.delete_project(project, by=owner)

    @transaction.atomic
    def write():
        make_run(project)

    overtake(write, lambda: deletion.erase(project.pk))
    assert tables_that_name(project) == set()
    assert not Project.objects.filter(pk=project.pk).exists()


@pytest.mark.races("apps.projects.lifecycle.archive_project")
def test_a_project_is_archived_once(project, owner):
    _, refusal = overtake(
        lambda: lifecycle.archive_project(project, by=owner),
        lambda: lifecycle.archive_project(project, by=owner),
        allow=[TransitionRefused],
    )
    assert refusal.code == "archived"


@pytest.mark.races("apps.projects.lifecycle.restore_project")
def test_a_project_is_restored_once(project, owner):
    lifecycle.archive_project(project, by=owner)
    outcomes = overtake(
        lambda: lifecycle.restore_project(project, by=owner),
        lambda: lifecycle.restore_project(project, by=owner),
        allow=[TransitionRefused],
    )
    assert outcomes[1].code == "not_archived"
