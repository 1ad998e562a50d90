"""Files of an archive, stored under names of here."""

import hashlib
import io
from typing import IO, Any, cast

from django.core.files import File
from django.db import models

from apps.artifacts.detection import HEAD, TextCheck, content_type
from apps.artifacts.models import Artifact
from apps.artifacts.uncommitted import discard_unless_committed

from .ids import Ids
from .reading import Archive, CannotImport
from .tables import member_of_file


class Stored:
    """Stores files; they are removed again unless the transaction commits."""

    def __init__(self, archive: Archive, project: Any, ids: Ids) -> None:
        self.archive, self.project, self.ids = archive, project, ids

    def store(
        self, model: type[models.Model], field: models.FileField, pk: str, row: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """(name in the storage, what the file says of its row itself)."""
        member = member_of_file(model, field, pk)
        name = field.generate_filename(model(project_id=self.project.pk), "file")
        if member not in self.archive.names:
            if member in self.archive.lost:
                return name, {}
            raise CannotImport(f"The archive has no {member}.")
        discard_unless_committed(name)
        with self.archive.book.open(member) as opened:
            measured = Measured(opened)
            name = field.storage.save(name, File(cast(IO[bytes], measured), name="file"))
        return name, self._checked(model, row, measured)

    def _checked(self, model, row, measured):
        if model is not Artifact:
            return {}
        if row["size"] != measured.size or row["sha256"] != measured.digest.digest():
            raise CannotImport(f"The file “{row['name']}” is not the one that was exported.")
        # What a browser is told that a file is follows from its bytes, here as at an upload.
        return {"content_type": measured.kind(row["name"])}


class Measured(io.RawIOBase):
    """A file as it is read once: how much it is, and what."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size, self.head = 0, b""
        self.digest, self.text = hashlib.sha256(), TextCheck()

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.size += len(piece)
        if len(self.head) < HEAD:
            self.head += piece[: HEAD - len(self.head)]
        self.digest.update(piece)
        self.text.feed(piece)
        return piece

    def kind(self, name: str) -> str:
        self.text.feed(b"", final=True)
        return content_type(self.head, name, is_text=self.text.passed)
