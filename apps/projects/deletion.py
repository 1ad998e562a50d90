"""What a deleted project leaves behind, removed in steps of bounded size.

Nobody sees the project any more, so nothing has to be right in between; each step commits, and
whoever begins again goes on where the last one ended.
"""

from collections.abc import Iterator
from graphlib import TopologicalSorter
from posixpath import dirname

from django.contrib.auth.models import Group
from django.core.files.storage import Storage
from django.db import connection, models, transaction
from django.db.models import ProtectedError

from apps.accounts.models import User
from apps.accounts.trail import note_instance

from .models import Project
from .permissions import Role, group_name

STEP = 5_000
"""Rows that one statement removes."""
FILES = 1_000
"""Names of files that are held in memory."""


def erase(project_id: int) -> None:
    """Remove rows and files of a project that delete_project has marked; any other one stays."""
    project = Project.objects.filter(pk=project_id).first()
    if project is not None:
        if project.deleted_at is None:
            return
        await_writers(project)
        for model, field in file_fields():
            remove_files(model, field, project_id)
        for model in owned_models():
            remove_rows(model, project_id)
        remove_project(project)
    # What came while the rows went, and what no row has known.
    for folder, storage in folders(project_id):
        sweep(folder, storage)


@transaction.atomic
def await_writers(project: Project) -> None:
    """Whoever came through the door before holds the project while they write."""
    Project.objects.select_for_update(of=("self",)).filter(pk=project.pk).first()


def unfinished() -> list[int]:
    return list(Project.objects.exclude(deleted_at=None).values_list("pk", flat=True))


def owner_fields() -> dict[type[models.Model], models.ForeignKey]:
    """{model: its field that names the project}, of every table whose rows belong to one."""
    relations = Project._meta.get_fields(include_hidden=True)
    return {row.related_model: row.field for row in relations if row.one_to_many and row.field}


def owned_models() -> list[type[models.Model]]:
    """Those that point to others before the ones they point to."""
    before: dict[type[models.Model], set[type[models.Model]]] = {
        model: set() for model in owner_fields()
    }
    for model in list(before):
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target in before and target is not model:
                before[target].add(model)
    return list(TopologicalSorter(before).static_order())


def remove_rows(model: type[models.Model], project_id: int) -> None:
    owner = owner_fields()[model]
    if is_indexed(model, owner):
        _remove_in_steps(model, owner, project_id)
        return
    # Executions have no index by their project: they lie beside others of their run.
    by_run = model._meta.get_field("run")
    runs = by_run.related_model._base_manager.filter(project=project_id)
    for run in runs.order_by("pk").values_list("pk", flat=True).iterator(FILES):
        _remove_in_steps(model, by_run, run)


def is_indexed(model, owner):
    return owner.db_index or any(
        list(constraint.fields[:1]) == [owner.name]
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    )


def _remove_in_steps(model, owner, value):
    statement = _statement(model, owner)
    while _carry_out(statement, value, model, owner):
        pass


def _statement(model, owner):
    """For %(owner)s; of a tree it removes the leaves.

    The keys come as an array, which is looked up in the index: a table that was just filled has no
    statistics, and its rows would be compared with all of a subquery's, one by one.
    """
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    own = f"{quote(owner.column)} = %(owner)s"
    leaves = "".join(
        f" AND NOT EXISTS (SELECT FROM {table} below WHERE below.{quote(link.column)} = part.{key})"
        for link in model._meta.concrete_fields
        if link.related_model is model
    )
    return (
        f"DELETE FROM {table} WHERE {own} AND {key} = ANY(ARRAY("
        f"SELECT {key} FROM {table} part WHERE {own}{leaves} LIMIT {STEP}))"
    )


@transaction.atomic
def _carry_out(statement, value, model, owner):
    """How many rows went; the trail lets those go whose project the transaction names."""
    with connection.cursor() as cursor:
        if owner.related_model is Project:
            cursor.execute("SELECT set_config('testoqa.deleted_project', %s, true)", [str(value)])
        cursor.execute(statement, {"owner": value})
        return cursor.rowcount


@transaction.atomic
def remove_project(project: Project) -> None:
    """The project itself, its groups and its service accounts, and what was written meanwhile."""
    locked = Project.objects.select_for_update(of=("self",)).filter(pk=project.pk).first()
    if locked is None:
        return
    for model in owned_models():
        remove_rows(model, project.pk)
    groups = Group.objects.filter(name__in=[group_name(project, role) for role in Role])
    accounts = list(User.objects.filter(is_service=True, groups__in=groups).distinct())
    groups.delete()
    for account in accounts:
        remove_account(account)
    note_instance("project.erase", project, project_key=project.key)
    Project.objects.filter(pk=project.pk)._raw_delete(using=connection.alias)


def remove_account(account: User) -> None:
    """A service account goes too, unless the instance's own trail names it for ever."""
    try:
        with transaction.atomic():
            account.delete()
    except ProtectedError:
        account.is_active = False
        account.save(update_fields=["is_active"])


def file_fields() -> Iterator[tuple[type[models.Model], models.FileField]]:
    for model in owner_fields():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield model, field


def remove_files(model: type[models.Model], field: models.FileField, project_id: int) -> None:
    """Those that rows know; the rows still stand, so a second time begins anew."""
    rows = model._base_manager.filter(project=project_id).exclude(**{field.name: ""})
    rows = rows.order_by("pk").values_list("pk", field.name)
    part = list(rows[:FILES])
    while part:
        for _, name in part:
            field.storage.delete(name)
        part = list(rows.filter(pk__gt=part[-1][0])[:FILES])


def folders(project_id: int) -> Iterator[tuple[str, Storage]]:
    """Where files of the project's rows are put."""
    for model, field in file_fields():
        name = field.generate_filename(model(project_id=project_id), "file")
        yield dirname(name), field.storage


def sweep(folder: str, storage: Storage) -> None:
    try:
        names = storage.listdir(folder)[1]
    except FileNotFoundError:
        return
    for name in names:
        storage.delete(f"{folder}/{name}")
    storage.delete(folder)  # an empty folder of the file system; nothing elsewhere
