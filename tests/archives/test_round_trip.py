"""A project goes into an archive, and comes out of it the same, here or elsewhere."""

import json
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from apps.accounts.models import InstanceActivity, User
from apps.artifacts.lifecycle import hang_artifact
from apps.cases.models import Case
from apps.projects.deletion import erase
from apps.projects.lifecycle import delete_project
from apps.projects.models import Project
from testoqa.archives import export_project, import_project
from testoqa.archives.tables import LEFT_OUT, SECRETS, archived_models, columns_of
from testoqa.testing import uses
from tests.archives.contents import contents
from tests.data import populate_cast, populate_demo
from tests.factories import make_artifact, make_case, make_token, make_user
from tests.walls.world import make_world, tenant_models

pytestmark = pytest.mark.django_db


def settled(project):
    """With nothing that waits for a job, which an import would end."""
    project.imports.update(state="done")
    project.bulk_changes.update(state="done")
    return project


@uses(populate_cast)
def test_every_table_and_column_of_a_project_goes_along_or_is_named():
    tables = set(archived_models())
    assert {model._meta.label for model in tenant_models()} == {
        model._meta.label for model in tables
    }
    for model in tables:
        known = {column.field.name for column in columns_of(model)}
        every = {field.name for field in model._meta.concrete_fields if not field.generated}
        assert every - known == {"project"} | SECRETS.get(model._meta.label, set())
    assert not {model._meta.label for model in tables} & set(LEFT_OUT)


@uses(populate_cast)
def test_a_row_of_every_table_comes_back_beside_the_project_itself(project, tmp_path):
    rows = make_world(project, number=9)
    settled(project)
    project.bulk_changes.update(selected=[rows[Case].pk])
    data = b"\x89PNG\r\n\x1a\n evidence"
    artifact = make_artifact(project, data, "shot.png")
    hang_artifact(artifact, rows[Case], by=None)
    text = f"![shot](artifact:{artifact.pk})"
    Case.objects.filter(pk=rows[Case].pk).update(description=text, custom={"n": 1, "x": 0.1})
    first, second = tmp_path / "WEB.zip", tmp_path / "NEW.zip"
    manifest = export_project("WEB", first)
    assert all(table["rows"] for table in manifest["tables"].values())
    copy = import_project(first, key="NEW")
    export_project("NEW", second)
    assert contents(first) == contents(second)

    case = copy.cases.get(number=9)
    stored = copy.artifacts.get(name="shot.png")
    assert case.pk != rows[Case].pk
    assert case.description == f"![shot](artifact:{stored.pk})"
    assert stored.content_type == "image/png"
    with default_storage.open(stored.file.name) as file:
        assert file.read() == data
    assert str(stored.file) != str(artifact.file)
    assert case.versions.get().case == case
    assert copy.executions.get().case == case
    assert copy.bulk_changes.get().selected == [case.pk]
    assert project.cases.get().pk == rows[Case].pk
    assert make_case(copy).number == project.last_case_number + 1


@uses(populate_demo)
def test_the_demo_project_comes_back_after_it_was_deleted_with_its_own_ids(tmp_path):
    first, second = tmp_path / "DEMO.zip", tmp_path / "again.zip"
    project = Project.objects.get(key="DEMO")
    before = set(project.executions.values_list("pk", flat=True))
    export_project("DEMO", first)
    delete_project(project, by=None)
    erase(project.pk)
    assert not Project.objects.filter(key="DEMO").exists()
    again = import_project(first)
    export_project("DEMO", second)
    assert contents(first) == contents(second)
    assert set(again.executions.values_list("pk", flat=True)) == before
    assert again.memberships.get().user.email == "demo@example.com"
    report = again.reports.first()
    assert report.first_run.project == again


@uses(populate_cast)
def test_people_are_found_by_address_or_made_without_a_password(project, manager, tmp_path):
    make_case(project, by=manager)
    gone = make_user("gone@example.com")
    make_case(project, "By somebody who left", by=gone)
    make_token(manager, project)
    first = tmp_path / "WEB.zip"
    export_project("WEB", first)
    # Elsewhere: the accounts are others.
    User.objects.filter(email="viewer@example.com").update(email="seer@example.com")
    for name in ("manager", "gone"):
        User.objects.filter(email=f"{name}@example.com").update(email=f"{name}@elsewhere.org")
    copy = import_project(first, key="NEW")
    made = User.objects.get(email="manager@example.com")
    assert made.is_active
    assert not made.has_usable_password()
    assert not made.is_superuser
    assert copy.memberships.get(user=made).role == "manager"
    assert copy.cases.first().created_by == made
    left = User.objects.get(email="gone@example.com")
    assert not left.is_active
    owner = User.objects.get(email="owner@example.com")
    assert set(Project.objects.visible_to(owner)) == {project, copy}
    assert list(Project.objects.visible_to(made)) == [copy]
    assert list(Project.objects.visible_to(manager)) == [project]
    assert not copy.tokens.exists()


@uses(populate_cast)
def test_no_secret_goes_along_and_an_invitation_opens_nothing(project, owner, tmp_path):
    make_token(owner, project)
    owner.set_password("correct horse battery")
    owner.save()
    project.invitations.create(
        email="new@example.com", role="tester", digest="d" * 64, expires_at="2030-01-01T00:00Z"
    )
    first = tmp_path / "WEB.zip"
    export_project("WEB", first)
    with zipfile.ZipFile(first) as book:
        said = b"".join(book.read(name) for name in book.namelist())
    for secret in ("d" * 64, owner.password, owner.tokens.get().digest):
        assert secret.encode() not in said
    copy = import_project(first, key="NEW")
    assert copy.invitations.get().digest == ""


@uses(populate_cast)
def test_the_commands_say_what_they_did_and_name_an_owner(project, outsider, tmp_path, capsys):
    make_case(project)
    file = str(tmp_path / "WEB.zip")
    call_command("export_project", "WEB", file)
    call_command("import_project", file, key="NEW", owner="Outsider@example.com")
    said = capsys.readouterr().out
    assert f"WEB is in {file}" in said
    assert "NEW is here, with 1 cases and 0 runs" in said
    copy = Project.objects.get(key="NEW")
    assert copy.memberships.get(user=outsider).role == "owner"
    noted = copy.activity.first()
    assert (noted.verb, noted.who, noted.after) == (
        "project.import", "TestoQA", {"key_there": "WEB"}
    )  # fmt: skip
    assert copy.activity.filter(verb="case.create").exists()
    assert InstanceActivity.objects.filter(verb="project.export", project_key="WEB").exists()


@uses(populate_cast)
def test_what_waited_for_a_job_is_told_to_be_done_again(project, tmp_path):
    make_world(project, number=9)
    project.case_imports.update(state="queued")
    export_project("WEB", tmp_path / "WEB.zip")
    copy = import_project(tmp_path / "WEB.zip", key="NEW")
    for row in (copy.imports.get(), copy.case_imports.get(), copy.bulk_changes.get()):
        assert row.state == "refused"
        assert "do it again" in row.reason
        assert row.finished_at


@uses(populate_cast)
def test_what_an_older_archive_does_not_say_has_its_default(project, tmp_path):
    from tests.archives.contents import rewritten

    make_case(project, "Pays", severity="major", tags=["web"])
    export_project("WEB", tmp_path / "WEB.zip")

    def grow_older(members):
        manifest = json.loads(members["manifest.json"])
        columns = manifest["tables"]["cases.Case"]["columns"]
        places = [columns.index(name) for name in ("severity", "priority", "owner_id")]
        del manifest["tables"]["cases.SavedFilter"]
        del members["tables/cases.SavedFilter.jsonl"]
        rows = [json.loads(line) for line in members["tables/cases.Case.jsonl"].splitlines()]
        for row in [columns, *rows]:
            for place in sorted(places, reverse=True):
                del row[place]
        lines = b"\n".join(json.dumps(row).encode() for row in rows)
        members["tables/cases.Case.jsonl"] = lines
        members["manifest.json"] = json.dumps(manifest).encode()

    copy = import_project(
        rewritten(tmp_path / "WEB.zip", tmp_path / "old.zip", grow_older), key="NEW"
    )
    case = copy.cases.get()
    assert (case.title, case.severity, case.priority, case.owner) == ("Pays", "normal", "P2", None)
    assert case.tags == ["web"]
