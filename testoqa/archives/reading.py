"""An archive opened and looked through: a wrong one is refused before anything is stored."""

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, models

from apps.runs.models import Run

from .ids import KEPT, Ids
from .tables import archived_models, columns_of, member_of_table
from .writing import FORMAT, MANIFEST, PEOPLE, VERSION

PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
LONGEST_LINE = 256 << 20
LONGEST_MANIFEST = 16 << 20
MOST_MONTHS = 600
AT_ONCE = 5_000
MEMBER = re.compile(
    r"manifest\.json|people\.jsonl|tables/\w+\.\w+\.jsonl|"
    r"files/\w+\.\w+\.\w+/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


class CannotImport(Exception):
    """Says in one sentence why nothing of an archive was stored."""


@contextmanager
def opened(source: Path) -> Iterator["Archive"]:
    try:
        file = open(source, "rb")  # noqa: SIM115
    except OSError as error:
        raise CannotImport(f"{source} cannot be read: {error.strerror}.") from None
    try:
        with file, zipfile.ZipFile(file) as book:
            yield Archive(book)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise CannotImport(
            f"{source} is damaged, or no archive of a project ({error}); copy it again, whole."
        ) from None


class Archive:
    """The members by their names alone: nothing is ever unpacked to a path that an archive says."""

    def __init__(self, book: zipfile.ZipFile):
        self.book = book
        names = book.namelist()
        if len(set(names)) < len(names):
            raise CannotImport("The archive holds the same name twice, as none of ours does.")
        if strange := next((name for name in names if not MEMBER.fullmatch(name)), None):
            raise CannotImport(f"The archive holds “{strange[:100]}”, as none of ours does.")
        if any(info.flag_bits & 1 or info.compress_type not in PACKED for info in book.infolist()):
            raise CannotImport("The archive is packed in another way than ours are.")
        self.names = set(names)
        self.manifest = self._manifest()
        self.tables: dict[str, Any] = self.manifest["tables"]
        self.lost = set(self.manifest["lost_files"])
        known = {model._meta.label for model in archived_models()}
        if unknown := sorted(set(self.tables) - known):
            raise CannotImport(
                f"The archive has the table {unknown[0]}, which is not known here: a newer TestoQA "
                "wrote it. Update this one first."
            )

    def _manifest(self) -> dict[str, Any]:
        if MANIFEST not in self.names:
            raise CannotImport("It is no archive of a project: it has no manifest.")
        with self.book.open(MANIFEST) as file:
            manifest = _loaded(file.read(LONGEST_MANIFEST), MANIFEST, 1)
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise CannotImport("It is no archive of a project: its manifest says something else.")
        if manifest.get("version") != VERSION:
            raise CannotImport(
                f"It is an archive of version {manifest.get('version')!r}; this TestoQA reads "
                f"version {VERSION}."
            )
        if not _is_whole(manifest):
            raise CannotImport("The manifest of the archive is incomplete.")
        return manifest

    def people(self) -> Iterator[dict[str, Any]]:
        for number, person in self._lines(PEOPLE):
            if not isinstance(person, dict) or not isinstance(person.get("email"), str):
                raise CannotImport(f"{PEOPLE}, line {number:,}, tells of nobody.")
            yield person

    def columns(self, model: type[models.Model]) -> list[str]:
        """The names of its columns in the archive, which are all known here."""
        names = self.tables.get(model._meta.label, {}).get("columns", [])
        known = {column.name for column in columns_of(model)}
        if unknown := [name for name in names if name not in known]:
            raise CannotImport(
                f"The table {model._meta.label} of the archive has the column {unknown[0]}, which "
                "is not known here: a newer TestoQA wrote it. Update this one first."
            )
        return names

    def rows(self, model: type[models.Model]) -> Iterator[list[Any]]:
        """Each as a list of texts, numbers and None, as long as the columns."""
        told = self.tables.get(model._meta.label)
        if told is None:
            return
        names, member, count = self.columns(model), member_of_table(model), 0
        for number, row in self._lines(member):
            if not _is_row(row, len(names)):
                raise CannotImport(f"{member}, line {number:,}, is no row of that table.")
            count = number
            yield row
        if count != told.get("rows"):
            raise CannotImport(f"{member} has {count:,} rows instead of {told.get('rows')}.")

    def _lines(self, member):
        if member not in self.names:
            raise CannotImport(f"The archive has no {member}.")
        with self.book.open(member) as lines:
            number = 0
            while line := lines.readline(LONGEST_LINE):
                number += 1
                yield number, _loaded(line, member, number)


def _is_whole(manifest):
    shapes = {"project": dict, "tables": dict, "lost_files": list}
    return (
        all(isinstance(manifest.get(name), kind) for name, kind in shapes.items())
        and all(isinstance(name, str) for name in manifest["lost_files"])
        and all(_is_table(table) for table in manifest["tables"].values())
    )


def _is_table(table):
    columns = table.get("columns") if isinstance(table, dict) else None
    return (
        isinstance(columns, list)
        and "id" in columns
        and all(isinstance(name, str) for name in columns)
        and len(set(columns)) == len(columns)
    )


def _loaded(line, member, number):
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise CannotImport(f"{member}, line {number:,}, is no JSON.") from None


def _is_row(row, width):
    return (
        isinstance(row, list)
        and len(row) == width
        and all(cell is None or isinstance(cell, str | int | float) for cell in row)
    )


def look_through(archive: Archive) -> tuple[Ids, set[date]]:
    """(ids for the rows, first days of the months in which runs were born). Reads every row."""
    ids, months = KEPT, set()
    for model in archived_models():
        names = archive.columns(model)
        place = names.index("id") if names else 0
        for rows in batched(archive.rows(model), AT_ONCE, strict=False):
            found = [_uuid(row[place], model) for row in rows]
            if ids is KEPT and _any_taken(model, found):
                ids = Ids()
            if model is Run:
                months |= {_month(id) for id in found}
    if len(months) > MOST_MONTHS:
        raise CannotImport(f"The runs of the archive are of {len(months):,} different months.")
    return ids, months


def _uuid(text, model):
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        raise CannotImport(f"“{text}” is no id of a {model._meta.verbose_name}.") from None


def _any_taken(model, ids):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {model._meta.db_table} WHERE id = ANY(%s))", [ids]
        )
        return cursor.fetchone()[0]


def _month(id):
    try:
        born = datetime.fromtimestamp((id.int >> 80) / 1000, UTC).date()
    except (ValueError, OverflowError):
        born = None
    if born is None or id.version != 7 or not 2000 <= born.year <= 2200:
        raise CannotImport(f"“{id}” is no id of a run: it tells no time.")
    return born.replace(day=1)
