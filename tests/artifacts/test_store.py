"""apps.artifacts.lifecycle: what is kept of a file, and what is left of one that is not."""

import hashlib
import io
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import transaction

from apps.artifacts.lifecycle import (
    TooLarge,
    delete_artifact,
    hang_artifact,
    store_artifact,
    store_text,
)
from apps.artifacts.models import Artifact
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, owner_of
from tests.races import meet, overtake

pytestmark = uses(populate_cast)

CHOSEN = UUID("0198a000-0000-7000-8000-000000000001")


def stored(files):
    return [path for path in Path(files).rglob("*") if path.is_file()]


def break_off(action):
    """What the action answered within a transaction that did not come to its end."""
    answers = []
    try:
        with transaction.atomic():
            answers.append(action())
            raise ZeroDivisionError
    except ZeroDivisionError:
        return answers[0]


def test_a_file_keeps_its_bytes_hash_type_and_cleaned_name(project, files):
    owner = owner_of(project)
    file = SimpleUploadedFile("x", b"words\n", content_type="text/html")
    artifact = store_artifact(project, file, by=owner, name="../\u202elog.txt")
    artifact.refresh_from_db()
    assert artifact.name == "log.txt"
    assert artifact.size == 6
    assert bytes(artifact.sha256) == hashlib.sha256(b"words\n").digest()
    assert artifact.content_type == "text/plain"
    assert artifact.created_by == owner
    assert [path.read_bytes() for path in stored(files)] == [b"words\n"]
    assert "log" not in artifact.file.name


def test_a_large_upload_is_moved_from_its_temporary_file(project, files):
    upload = TemporaryUploadedFile("big.bin", "application/x", 0, None)
    upload.write(b"\x00" * 200_000)
    artifact = store_artifact(project, upload, by=None)
    upload.close()
    assert artifact.size == 200_000
    assert [path.stat().st_size for path in stored(files)] == [200_000]


def test_text_with_half_a_letter_is_kept_readable(project):
    artifact = store_text(project, "a\ud800b", by=None, name="output.txt")
    assert artifact.file.read() == b"a\\ud800b"
    artifact.file.close()


def test_one_byte_too_many_is_refused_and_nothing_is_written(project, files, settings):
    settings.MAX_ARTIFACT = 1000
    store_text(project, b"x" * 1000, by=None, name="full.txt")
    with pytest.raises(TooLarge, match="larger than 1000"):
        store_text(project, b"x" * 1001, by=None, name="over.txt")
    assert len(stored(files)) == 1
    assert project.artifacts.count() == 1


def test_a_rolled_back_transaction_takes_its_file_along(project, files):
    seen = break_off(lambda: make_artifact(project) and stored(files))
    assert len(seen) == 1
    assert stored(files) == []


def test_a_rolled_back_savepoint_leaves_the_other_file(project, files):
    kept = make_artifact(project)
    break_off(lambda: make_artifact(project))
    assert [path.name for path in stored(files)] == [Path(kept.file.name).name]


@pytest.mark.django_db(transaction=True)
def test_a_committed_file_stays_when_a_later_hook_fails(project, files):
    def fail():
        raise ZeroDivisionError

    @transaction.atomic
    def store_behind_a_failing_hook():
        transaction.on_commit(fail)
        make_artifact(project)

    with pytest.raises(ZeroDivisionError):
        store_behind_a_failing_hook()
    assert project.artifacts.count() == 1
    assert len(stored(files)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_storage_that_fails_half_way_leaves_nothing(project, files, monkeypatch):
    class Torn(io.BytesIO):
        passes = 0

        def read(self, size=-1):
            piece = super().read(size)
            self.passes += not piece
            if self.passes and piece:
                raise OSError("the disk went away")
            return piece

    with pytest.raises(OSError, match="went away"):
        store_artifact(project, Torn(b"x" * 100_000), by=None, name="x")
    assert stored(files) == []
    assert not Artifact.objects.exists()


def test_a_chosen_id_is_kept_and_given_once(project, other_project, files):
    artifact = store_artifact(project, io.BytesIO(b"1"), by=None, name="a", id=CHOSEN)
    assert artifact.pk == CHOSEN
    with pytest.raises(Refused) as refusal:
        store_artifact(other_project, io.BytesIO(b"2"), by=None, name="b", id=CHOSEN)
    assert refusal.value.code == "id_taken"
    assert len(stored(files)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_deleted_file_leaves_the_storage_after_the_commit(project, files):
    artifact = make_artifact(project)
    with transaction.atomic():
        delete_artifact(artifact, by=None)
        assert len(stored(files)) == 1
    assert stored(files) == []


def test_what_is_attached_is_not_deleted(project):
    case = project.cases.create(number=1, title="Adds an item")
    artifact = make_artifact(project)
    hang_artifact(artifact, case, by=None)
    hang_artifact(artifact, case, by=None)
    assert case.files.count() == 1
    with pytest.raises(Refused, match="still attached"):
        delete_artifact(artifact, by=None)
    case.files.all().delete()
    delete_artifact(artifact, by=None)
    assert not project.artifacts.exists()


@pytest.mark.races("apps.artifacts.lifecycle.store_artifact")
@pytest.mark.django_db(transaction=True)
def test_two_uploads_with_one_id_keep_one_file(project, files):
    outcomes = overtake(
        lambda: store_artifact(project, io.BytesIO(b"1"), by=None, name="a", id=CHOSEN),
        lambda: store_artifact(project, io.BytesIO(b"2"), by=None, name="b", id=CHOSEN),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert [path.read_bytes() for path in stored(files)] == [b"1"]


@pytest.mark.races("apps.artifacts.lifecycle.store_text")
@pytest.mark.django_db(transaction=True)
def test_the_same_text_twice_at_once_is_two_files(project, files):
    store = partial(store_text, project, b"same", by=None, name="a.txt")
    assert len({artifact.pk for artifact in meet(store, store)}) == 2
    assert len(stored(files)) == 2


@pytest.mark.races("apps.artifacts.lifecycle.hang_artifact")
@pytest.mark.django_db(transaction=True)
def test_a_file_attached_twice_at_once_hangs_once(project):
    case = project.cases.create(number=1, title="Adds an item")
    artifact = make_artifact(project)
    hang = partial(hang_artifact, artifact, case, by=None)
    overtake(hang, hang)
    assert case.files.count() == 1


@pytest.mark.races(
    "apps.artifacts.lifecycle.delete_artifact", "apps.artifacts.lifecycle.hang_artifact"
)
@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_being_attached_is_not_deleted(project, files):
    case = project.cases.create(number=1, title="Adds an item")
    artifact = make_artifact(project)
    outcomes = overtake(
        lambda: hang_artifact(artifact, case, by=None),
        lambda: delete_artifact(artifact, by=None),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert case.files.get().artifact == artifact
    assert len(stored(files)) == 1


@pytest.mark.races("apps.artifacts.lifecycle.delete_artifact")
@pytest.mark.django_db(transaction=True)
def test_a_file_deleted_twice_at_once_is_refused_once(project, files):
    artifact = make_artifact(project)
    delete = partial(delete_artifact, artifact, by=None)
    outcomes = overtake(delete, delete, allow=[Refused])
    assert isinstance(outcomes[1], Refused)
    assert stored(files) == []
