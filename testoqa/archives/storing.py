"""What an archive holds, stored as a project of this instance: all of it, or nothing."""

from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.cases.models import BulkChange, CaseImport
from apps.executions.models import Import
from apps.executions.partitions import make_partition
from apps.memberships.lifecycle import add_member, change_role
from apps.projects.models import Project
from apps.projects.permissions import Role, make_role_groups, role_group
from apps.projects.trail import note

from .files import Stored
from .ids import Ids
from .people import account_of, accounts_of
from .reading import Archive, CannotImport, look_through, opened
from .rows import Loader
from .tables import OF_PROJECT, archived_models

MOVED = "The project was moved to another place before this was done; do it again."


def import_project(source: Path, *, key: str = "", owner: str = "") -> Project:
    """Make the project of an archive, with `key` in place of its own where one is given.

    `owner` is the address of an account that owns it besides those who do in the archive.
    Raises CannotImport, and then nothing is stored.
    """
    with opened(source) as archive:
        owning = account_of(owner) if owner else None
        ids, months = look_through(archive)
        _make_partitions(months)
        try:
            return _store(archive, ids, key=key, owning=owning)
        except (DatabaseError, psycopg.Error) as error:
            raise CannotImport(f"The archive does not hold together: {_in_short(error)}") from None


def _make_partitions(months: set[date]) -> None:
    """Each by itself, and before: making one keeps everybody from the table until it is there."""
    for month in sorted(months):
        with transaction.atomic(), connection.cursor() as cursor:
            make_partition(cursor, month)


@transaction.atomic
def _store(archive: Archive, ids: Ids, *, key: str, owning: User | None) -> Project:
    told = archive.manifest["project"]
    project = _make_project(told, key or str(told.get("key")))
    make_role_groups(project)
    people, stored = accounts_of(archive), Stored(archive, project, ids)
    for model in archived_models():
        if archive.columns(model):
            Loader(archive, model, project, ids, people, stored).load()
    with connection.cursor() as cursor:
        # Keys are checked now, so that what is wrong with them can be told.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    _join(project)
    _end_what_waited(project)
    if owning:
        _make_owner(project, owning)
    if not project.memberships.filter(user__is_service=False, role=Role.OWNER).exists():
        raise CannotImport(
            "Nobody in the archive owns the project; name an owner with --owner E-MAIL."
        )
    note(project, "project.import", project, by=None, after={"key_there": told.get("key")})
    return project


def _make_project(told: dict[str, Any], key: str) -> Project:
    """Raises CannotImport for a key that is taken."""
    unknown = sorted(set(told) - {"key", *OF_PROJECT})
    if unknown:
        raise CannotImport(
            f"The project of the archive has {unknown[0]}, which is not known here: a newer "
            "TestoQA wrote it. Update this one first."
        )
    project = Project(**{**told, "key": key})
    try:
        project.full_clean()
    except ValidationError as error:
        why = " ".join(error.messages)
        raise CannotImport(f"{key}: {why} Give another key with --key.") from None
    project.save(force_insert=True)
    project.refresh_from_db()
    return project


def _join(project: Project) -> None:
    """Permissions follow the group of each role."""
    groups = {role: role_group(project, role) for role in Role}
    through = User.groups.through
    through.objects.bulk_create(
        [
            through(user_id=member.user_id, group=groups[Role(member.role)])
            for member in project.memberships.all()
        ]
    )


def _make_owner(project: Project, person: User) -> None:
    membership = project.memberships.filter(user=person).first()
    if membership is None:
        add_member(project, person, Role.OWNER, by=None)
    elif membership.role != Role.OWNER:
        change_role(membership, Role.OWNER, by=None)


def _end_what_waited(project: Project) -> None:
    """Jobs stay where they were queued, so nobody would ever go on with what waited for one."""
    ended = {"state": "refused", "reason": MOVED, "finished_at": timezone.now()}
    for model, states in (
        (Import, ["queued", "reading"]),
        (CaseImport, ["queued", "reading"]),
        (BulkChange, ["queued", "running"]),
    ):
        model._base_manager.filter(project=project, state__in=states).update(**ended)


def _in_short(error: Exception) -> str:
    return str(error).splitlines()[0][:300]
