"""Files of one project copied into another, where each is a file of its own."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage

from apps.projects.models import Project

from .models import Artifact, random_name
from .uncommitted import discard_unless_committed


def copy_artifacts(artifacts: Iterable[Artifact], project: Project, *, by: Any) -> dict[UUID, UUID]:
    """{id of an artifact: id of its copy in the project}; the bytes are copied one by one.

    Copies are removed again unless the transaction commits.
    """
    sources = list(artifacts)
    copies = Artifact.objects.bulk_create([_copy_of(source, project, by) for source in sources])
    return {source.pk: copy.pk for source, copy in zip(sources, copies, strict=True)}


def _copy_of(source, project, by):
    copy = Artifact(
        project=project,
        name=source.name,
        size=source.size,
        sha256=source.sha256,
        content_type=source.content_type,
        created_by=by,
    )
    path = random_name(copy, source.name)
    discard_unless_committed(path)
    with default_storage.open(str(source.file)) as file:
        copy.file = default_storage.save(path, file)
    return copy
