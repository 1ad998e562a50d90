"""Pictures pasted into the texts of cases, and files taken off them."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.artifacts.lifecycle import hang_artifact, unhang_artifact
from apps.artifacts.models import Artifact
from apps.artifacts.tasks import sweep_unsaved
from apps.cases import lifecycle
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_case, make_token
from tests.races import overtake

pytestmark = uses(populate_cast)

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def paste(client, manager):
    def send(person=manager, data=PNG, name="screen.png"):
        client.force_login(person)
        file = SimpleUploadedFile(name, data)
        return client.post(reverse("cases:paste", args=["WEB"]), {"file": file})

    return send


def statuses(client, people, address):
    found = []
    for person in people:
        client.force_login(person)
        found.append(client.head(address).status_code)
    return found


def ids_in_api(client, person):
    answer = client.get(
        "/api/v1/projects/WEB/artifacts/",
        headers={"Authorization": f"Bearer {make_token(person)}"},
    )
    return [row["id"] for row in answer.json()["results"]]


def test_a_pasted_picture_is_seen_by_nobody_else_until_its_case_is_saved(
    project, manager, owner, client, paste
):
    answer = paste()
    assert answer.status_code == 201
    picture = project.artifacts.get(pk=answer.json()["id"])
    address = picture.get_absolute_url()
    assert statuses(client, [manager, owner], address) == [200, 404]
    assert (ids_in_api(client, manager), ids_in_api(client, owner)) == ([str(picture.pk)], [])
    content = f"/api/v1/projects/WEB/artifacts/{picture.pk}/content/"
    theirs = {"Authorization": f"Bearer {make_token(owner)}"}
    assert client.get(content, headers=theirs).status_code == 404

    text = f"See ![screen](artifact:{picture.pk})"
    case = lifecycle.create_case(project, by=manager, title="Pays", steps=[{"action": text}])
    assert case.files.get().artifact == picture
    assert statuses(client, [manager, owner], address) == [200, 200]
    assert (
        f'<img src="{address}" alt="screen"' in client.get(case.get_absolute_url()).content.decode()
    )


def test_naming_the_unsaved_picture_of_somebody_else_gets_nobody_at_it(
    project, owner, client, paste
):
    picture = project.artifacts.get(pk=paste().json()["id"])
    text = f"![mine](artifact:{picture.pk})"
    case = lifecycle.create_case(project, by=owner, title="Pays", description=text)
    assert not case.files.exists()
    assert statuses(client, [owner], picture.get_absolute_url()) == [404]


def test_a_text_that_comes_to_name_a_file_holds_it(project, manager, paste):
    case = make_case(project)
    picture = project.artifacts.get(pk=paste().json()["id"])
    said = f"![a](artifact:{picture.pk}) ![b](artifact:01890000-0000-7000-8000-0000000000aa)"
    for _ in range(2):
        lifecycle.change_case(case, by=manager, preconditions=said)
    assert [link.artifact for link in case.files.all()] == [picture]


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"words", "a.png"), (b"<svg onload='alert(1)'/>", "a.svg"), (b"", "a.png")],
)
def test_only_pictures_are_pasted(project, paste, data, name):
    answer = paste(data=data, name=name)
    assert answer.status_code == 422
    assert "picture" in answer.json()["detail"]
    assert not project.artifacts.exists()


def test_pasting_wants_the_permission(project, manager, tester, outsider, paste):
    assert [paste(person).status_code for person in (tester, outsider)] == [403, 404]
    assert not project.artifacts.exists()
    assert paste(manager).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_nobody_saves_goes_after_thirty_days(project, manager, paste, run_jobs):
    old = project.artifacts.get(pk=paste().json()["id"])
    kept = make_artifact(project)
    Artifact.objects.update(created_at=old.created_at - timedelta(days=31))
    young = project.artifacts.get(pk=paste().json()["id"])
    sweep_unsaved.defer(timestamp=0)
    run_jobs()
    assert set(project.artifacts.all()) == {kept, young}
    assert not default_storage.exists(old.file.name)


def test_a_file_is_taken_off_a_case_and_deleted_unless_held_elsewhere(
    project, manager, tester, client, post
):
    case, other = make_case(project), make_case(project)
    alone, shared = make_artifact(project, name="alone.txt"), make_artifact(project)
    for artifact, target in ((alone, case), (shared, case), (shared, other)):
        hang_artifact(artifact, target, by=manager)
    for artifact in (alone, shared):
        address = reverse("cases:remove_file", args=["WEB", case.number, artifact.pk])
        assert post(tester, address).status_code == 403
        assert post(manager, address).url == f"{case.get_absolute_url()}#files"
        assert post(manager, address).status_code == 404
    assert (case.files.count(), other.files.count()) == (0, 1)
    assert list(project.artifacts.all()) == [shared]
    with pytest.raises(Refused, match="removed meanwhile"):
        unhang_artifact(shared, case, by=manager)


@pytest.mark.races("apps.artifacts.lifecycle.unhang_artifact")
@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_just_hung_elsewhere_stays(project, manager):
    case, other = make_case(project), make_case(project)
    artifact = make_artifact(project)
    hang_artifact(artifact, case, by=manager)
    overtake(
        lambda: hang_artifact(artifact, other, by=manager),
        lambda: unhang_artifact(artifact, case, by=manager),
    )
    assert (case.files.count(), other.files.count()) == (0, 1)
    assert project.artifacts.get() == artifact
