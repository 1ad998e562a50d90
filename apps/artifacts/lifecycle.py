import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, ProtectedError
from django.template.defaultfilters import filesizeformat

from apps.projects.models import Project
from apps.projects.refusals import Refused
from apps.projects.trail import note

from .detection import HEAD, TextCheck, content_type
from .models import Artifact, random_name
from .names import clean_name
from .streaming import PIECE
from .uncommitted import discard_unless_committed


class TooLarge(Refused):
    """More bytes than TESTOQA_MAX_ARTIFACT_MB allows: 413 everywhere."""

    status = 413


@dataclass(frozen=True)
class Measured:
    size: int
    sha256: bytes
    content_type: str


@transaction.atomic
def store_artifact(
    project: Project,
    file: BinaryIO,
    *,
    by: Any,
    name: str | None = None,
    id: UUID | None = None,
    is_saved: bool = True,
) -> Artifact:
    """Keep a file: `file` is binary and seekable, `name` is taken from it when not given.

    It is measured before it is written, so a refused one never reaches the storage, and it is
    removed again unless the transaction commits. One that is not saved yet is seen by nobody else
    until it hangs on something. Raises TooLarge, or Refused for an `id` in use.
    """
    artifact = _store(project, file, by=by, name=name, id=id, unsaved_by=None if is_saved else by)
    note(
        project,
        "artifact.store",
        artifact,
        by=by,
        after={"size": artifact.size, "content_type": artifact.content_type},
    )
    return artifact


@transaction.atomic
def store_text(project: Project, text: str | bytes, *, by: Any, name: str) -> Artifact:
    """Keep a text, such as an output too long for its row; the import that brought it is noted."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    return _store(project, io.BytesIO(data), by=by, name=name)


def _store(project, file, *, by, name=None, id=None, unsaved_by=None):
    name = clean_name(name or getattr(file, "name", None) or "")
    measured = _measure(file, name)
    artifact = Artifact(
        project=project,
        name=name,
        size=measured.size,
        sha256=measured.sha256,
        content_type=measured.content_type,
        created_by=by,
        unsaved_by=unsaved_by,
    )
    path = random_name(artifact, name)
    discard_unless_committed(path)
    artifact.file = default_storage.save(path, _from_the_start(file))
    _insert(artifact, id)
    return artifact


@transaction.atomic
def hang_artifact(artifact: Artifact, target: Any, *, by: Any) -> None:
    """Link the file to a case, run, execution or report of its project; once is enough.

    Raises Refused when either is gone.
    """
    is_execution = hasattr(target, "run_id")
    # An execution goes with its run, or by a verb that holds the run.
    _lock(target.run if is_execution else target, no_key=True)
    if is_execution and not target.run.executions.filter(pk=target.pk).exists():
        raise _gone(target)
    artifact = _lock(artifact, no_key=True)
    if artifact.unsaved_by_id is not None:
        artifact.unsaved_by = None
        artifact.save(update_fields=["unsaved_by"])
    links = target.executionartifacts if is_execution else target.files
    if not links.filter(artifact=artifact).exists():
        run = {"run_id": target.run_id} if is_execution else {}
        links.create(project=artifact.project, artifact=artifact, **run)
        note(artifact.project, "artifact.hang", artifact, by=by, after={"on": str(target)})


@transaction.atomic
def unhang_artifact(artifact: Artifact, target: Any, *, by: Any) -> None:
    """Take the file off what it hangs on; it is removed unless something else holds it too.

    Raises Refused when it does not hang there any more.
    """
    is_execution = hasattr(target, "run_id")
    _lock(target.run if is_execution else target, no_key=True)
    links = target.executionartifacts if is_execution else target.files
    removed, _ = links.filter(artifact=artifact).delete()
    if not removed:
        raise Refused(f"“{artifact.name}” has been removed meanwhile.", code="gone")
    note(artifact.project, "artifact.unhang", artifact, by=by, before={"on": str(target)})
    delete_unlinked(artifact.project, [artifact.pk], by=by)


@transaction.atomic
def delete_artifact(artifact: Artifact, *, by: Any) -> None:
    """Remove a file. Raises Refused while a case, run, execution or report holds it."""
    artifact = _lock(artifact)
    note(artifact.project, "artifact.delete", artifact, by=by)
    try:
        with transaction.atomic():
            artifact.delete()
            # The keys of links are checked at the end; a link made meanwhile has to speak up now.
            connection.check_constraints()
    except (ProtectedError, IntegrityError):
        raise Refused(
            f"“{artifact.name}” is still attached to something; remove it there first.",
            code="in_use",
        ) from None
    transaction.on_commit(partial(default_storage.delete, str(artifact.file)), robust=True)


@transaction.atomic
def delete_unlinked(project: Project, ids: Iterable[UUID], *, by: Any) -> int:
    """Remove those of these files that nothing holds any more; returns how many.

    For a verb that has just removed what they hung from.
    """
    rows = project.artifacts.filter(pk__in=list(ids))
    # Whoever hangs one of them meanwhile waits for its row, and finds it gone.
    list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    for link in Artifact._meta.related_objects:
        held = link.related_model._base_manager.filter(**{link.field.name: OuterRef("pk")})
        rows = rows.exclude(Exists(held))
    unlinked = dict(rows.values_list("pk", "file"))
    project.artifacts.filter(pk__in=list(unlinked)).delete()
    for path in unlinked.values():
        transaction.on_commit(partial(default_storage.delete, path), robust=True)
    return len(unlinked)


def _measure(file, name):
    """One pass over the bytes: how many, their hash, and what they are."""
    digest, text, size, head = hashlib.sha256(), TextCheck(), 0, b""
    file.seek(0)
    while piece := file.read(PIECE):
        size += len(piece)
        if size > settings.MAX_ARTIFACT:
            raise TooLarge(
                f"“{name}” is larger than {filesizeformat(settings.MAX_ARTIFACT)}, "
                "the limit for one file.",
                field="file",
                code="too_large",
                limit=settings.MAX_ARTIFACT,
            )
        if len(head) < HEAD:
            head += piece[: HEAD - len(head)]
        digest.update(piece)
        text.feed(piece)
    text.feed(b"", final=True)
    kind = content_type(head, name, is_text=text.passed)
    return Measured(size=size, sha256=digest.digest(), content_type=kind)


def _from_the_start(file):
    file.seek(0)
    return file if isinstance(file, File) else File(file)


def _insert(artifact, id):
    if id is None:
        artifact.save(force_insert=True)
        return
    artifact.id = id
    try:
        with transaction.atomic():
            artifact.save(force_insert=True)
    except IntegrityError:
        raise Refused("This id is taken; send another one.", field="id", code="id_taken") from None


def _lock(row, *, no_key=False):
    rows = type(row)._base_manager.select_for_update(no_key=no_key, of=("self",))
    locked = rows.filter(pk=row.pk).first()
    if locked is None:
        raise _gone(row)
    return locked


def _gone(row):
    return Refused(f"“{row}” has been deleted meanwhile.", code="gone")
