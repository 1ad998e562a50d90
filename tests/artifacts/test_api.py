"""/api/v1/projects/WEB/artifacts/"""

import hashlib
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_token, owner_of

pytestmark = uses(populate_cast)

ADDRESS = "/api/v1/projects/WEB/artifacts/"


@pytest.fixture
def send(client):
    def post(person, data=b"words\n", name="log.txt", **fields):
        return client.post(
            ADDRESS,
            {"file": SimpleUploadedFile(name, data), **fields},
            headers={"Authorization": f"Bearer {make_token(person)}"},
        )

    return post


def make_case(project):
    return project.cases.create(number=12, title="Adds an item")


def make_run(project):
    return project.runs.create(
        number=45,
        name="nightly",
        environment=project.environments.first(),
        state="running",
        started_at=timezone.now(),
    )


def test_an_upload_answers_what_was_kept(send, project, tester, client):
    answer = send(tester)
    assert answer.status_code == 201
    body = answer.json()
    artifact = project.artifacts.get()
    assert body["id"] == str(artifact.pk)
    assert body["name"] == "log.txt"
    assert body["content_type"] == "text/plain"
    assert body["size"] == 6
    assert body["sha256"] == hashlib.sha256(b"words\n").hexdigest()
    assert body["url"] == f"http://testserver/projects/WEB/artifacts/{artifact.pk}/"
    assert body["content_url"] == f"http://testserver{ADDRESS}{artifact.pk}/content/"
    client.force_login(tester)
    assert client.get(f"{ADDRESS}{artifact.pk}/").json() == body
    assert client.get(ADDRESS).json() == {"results": [body], "next": None}


def test_an_empty_file_is_kept(send, project):
    answer = send(owner_of(project), data=b"")
    assert (answer.status_code, answer.json()["size"]) == (201, 0)


def test_a_viewer_is_refused_and_an_outsider_sees_nothing(send, project, tester, viewer, outsider):
    assert send(tester).status_code == 201
    assert send(viewer).status_code == 403
    assert send(outsider).status_code == 404
    assert project.artifacts.count() == 1


def test_a_file_hangs_on_what_is_named(send, project):
    case, run = make_case(project), make_run(project)
    execution = run.executions.create(project=project, case=case, title="Adds an item")
    answer = send(owner_of(project), case="WEB-12", run="45", execution=str(execution.pk))
    assert answer.status_code == 201
    artifact = project.artifacts.get()
    assert case.files.get().artifact == artifact
    assert run.files.get().artifact == artifact
    assert execution.executionartifacts.get().artifact == artifact


def test_a_file_on_a_case_needs_the_permission_to_edit_it(send, project, tester, manager):
    case = make_case(project)
    assert send(tester, case="WEB-12").status_code == 403
    assert not project.artifacts.exists()
    assert send(manager, case="WEB-12").status_code == 201
    assert case.files.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case", "WEB-99"),
        ("case", "OPS-12"),
        ("case", "WEB-²"),
        ("run", "7"),
        ("run", "99999999999999"),
        ("run", "four"),
        ("report", "1"),
        ("execution", "0198a000-0000-7000-8000-00000000000f"),
        ("execution", "none"),
    ],
)
def test_nothing_is_kept_for_a_target_that_is_not_there(
    send, project, other_project, files, field, value
):
    make_case(project)
    make_run(other_project)
    answer = send(owner_of(project), **{field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert not project.artifacts.exists()
    assert not [path for path in files.rglob("*") if path.is_file()]


def test_a_file_over_the_limit_is_413_and_names_it(send, project, settings):
    settings.MAX_ARTIFACT = 100
    answer = send(owner_of(project), data=b"x" * 101)
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["limit"] == 100
    assert not project.artifacts.exists()


def test_the_sender_may_choose_a_uuid_of_version_7_once(send, project):
    chosen = "0198a000-0000-7000-8000-000000000001"
    assert send(owner_of(project), id=chosen).json()["id"] == chosen
    assert send(owner_of(project), id=chosen).status_code == 409
    assert send(owner_of(project), id=str(uuid4())).status_code == 400


def test_a_body_without_a_file_says_so(client, project):
    client.force_login(owner_of(project))
    answer = client.post(ADDRESS, {"name": "x"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "file"


def test_a_file_of_another_project_is_not_found(client, project, other_project):
    foreign = make_artifact(other_project)
    client.force_login(owner_of(project))
    assert client.get(f"{ADDRESS}{foreign.pk}/").status_code == 404
    assert client.get(ADDRESS).json()["results"] == []


def test_pages_of_the_list_are_complete_and_cost_the_same(
    client, project, django_assert_num_queries
):
    client.force_login(owner_of(project))
    make_artifact(project)
    client.get(ADDRESS)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(ADDRESS)
    for _ in range(19):
        make_artifact(project)
    with django_assert_num_queries(len(one)):
        body = client.get(ADDRESS).json()
    assert len(body["results"]) == 20
    first = client.get(f"{ADDRESS}?limit=15").json()
    second = client.get(first["next"]).json()
    assert second["next"] is None
    assert first["results"] + second["results"] == body["results"]
