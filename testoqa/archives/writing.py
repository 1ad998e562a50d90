"""A project written to an archive, as it is at one moment."""

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.trail import note_instance
from apps.projects.models import Project
from testoqa.data_folder import open_private

from .tables import (
    OF_PROJECT,
    archived_models,
    belongs,
    columns_of,
    member_of_file,
    member_of_table,
    people_sql,
    quoted,
    stored_files,
)

FORMAT, VERSION = "testoqa-project", 1
MANIFEST, PEOPLE = "manifest.json", "people.jsonl"
STEP = 2_000
PIECE = 1 << 20
PEOPLE_TOLD = """
SELECT json_build_object('email', u.email, 'name', u.name, 'is_service', u.is_service,
    'is_active', u.is_active AND NOT u.is_service AND (
        EXISTS (SELECT FROM memberships_membership m
            WHERE m.user_id = u.id AND m.project_id = %(project)s)
        OR EXISTS (SELECT FROM runs_runguest g
            WHERE g.user_id = u.id AND g.project_id = %(project)s)))::text
FROM accounts_user u WHERE u.id IN ({people}) ORDER BY u.email
"""


class CannotExport(Exception):
    """Says in one sentence why no archive was written."""


def export_project(key: str, target: Path) -> dict[str, Any]:
    """Write the archive, complete or not at all; returns its manifest."""
    if target.exists():
        raise CannotExport(f"{target} exists; name another file.")
    draft = target.with_name(f"{target.name}.part")
    try:
        with open(draft, "xb", opener=open_private) as output:
            manifest = _write(key, output)
            output.flush()
            os.fsync(output.fileno())
        draft.rename(target)
    except OSError as error:
        raise CannotExport(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        draft.unlink(missing_ok=True)
    return manifest


@transaction.atomic
def _write(key, output):
    if not connection.savepoint_ids:
        # All tables as they were at one moment, whatever is written meanwhile.
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    project = Project.objects.filter(key=key, deleted_at=None).first()
    if project is None:
        raise CannotExport(f"There is no project {key}.")
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": timezone.now(),
        "project": {"key": project.key} | {name: getattr(project, name) for name in OF_PROJECT},
        "tables": {},
    }
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        people = PEOPLE_TOLD.format(people=people_sql())
        manifest["people"] = _write_lines(archive, PEOPLE, people, project)
        for model in archived_models():
            manifest["tables"][model._meta.label] = _write_table(archive, model, project)
        manifest["lost_files"] = list(_write_files(archive, project))
        archive.writestr(MANIFEST, json.dumps(manifest, cls=DjangoJSONEncoder))
    note_instance("project.export", project, project_key=project.key)
    return manifest


def _write_table(archive, model, project):
    columns = columns_of(model)
    told = ", ".join(column.sql for column in columns)
    sql = (
        f"SELECT json_build_array({told})::text FROM {model._meta.db_table} t "
        f"WHERE {belongs(model)} ORDER BY t.id"
    )
    rows = _write_lines(archive, member_of_table(model), sql, project)
    return {"rows": rows, "columns": [column.name for column in columns]}


def _write_lines(archive, member, sql, project):
    count = 0
    with archive.open(member, "w", force_zip64=True) as lines:
        for (line,) in _rows(sql, project):
            lines.write(line.encode() + b"\n")
            count += 1
    return count


def _write_files(archive, project):
    """Yields the members of those that the storage has lost."""
    for model, field in stored_files():
        column = quoted(field)
        sql = (
            f"SELECT t.id::text, t.{column} FROM {model._meta.db_table} t "
            f"WHERE {belongs(model)} AND t.{column} <> '' ORDER BY t.id"
        )
        for pk, name in _rows(sql, project):
            member = member_of_file(model, field, pk)
            try:
                stored = field.storage.open(name)
            except FileNotFoundError:
                yield member
                continue
            with stored as file:
                _write_file(archive, member, file)


def _write_file(archive: zipfile.ZipFile, member: str, file: IO[bytes] | File) -> None:
    with archive.open(member, "w", force_zip64=True) as to:
        shutil.copyfileobj(file, to, PIECE)


def _rows(sql, project):
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, {"project": project.pk})
        while rows := cursor.fetchmany(STEP):
            yield from rows
