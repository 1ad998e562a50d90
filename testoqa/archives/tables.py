"""Which tables and columns an archive has: all that the project owns, but for what is secret."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models

from apps.accounts.models import User
from apps.projects.deletion import is_indexed, owned_models, owner_fields
from apps.projects.models import Project

LEFT_OUT = {
    "memberships.ApiToken": "a secret that opens the instance which made it",
    "projects.ProjectGroupObjectPermission": "follows from the role of each member",
    "projects.ProjectUserObjectPermission": "follows from the role of each member",
}
SECRETS = {"memberships.Invitation": {"digest"}}
"""Columns that stay here; where they are wanted, an import writes what opens nothing."""
PEOPLE_ALONE = "t.user_id NOT IN (SELECT id FROM accounts_user WHERE is_service)"
ROWS = {"memberships.Membership": PEOPLE_ALONE}
"""Tables of which not all rows go: the account of a token is nobody elsewhere."""
OF_PROJECT = [
    "name", "description", "default_branch", "repeats", "last_case_number", "last_run_number",
    "last_report_number", "second_factor", "review_required", "review_again", "archived_at",
    "created_at",
]  # fmt: skip
ID, LINK, PERSON, PLAIN = "id", "link", "person", "plain"
ARRAY, BYTES, JSON, FILE = "array", "bytes", "json", "file"
KINDS = {
    ArrayField: ARRAY, models.BinaryField: BYTES, models.JSONField: JSON, models.FileField: FILE,
}  # fmt: skip


def quoted(field: models.Field) -> str:
    return connection.ops.quote_name(str(field.column))


@dataclass(frozen=True)
class Column:
    """A column of the archive: how a row holds it, and how it is read from the database."""

    name: str
    kind: str
    field: models.Field

    @property
    def sql(self) -> str:
        column = f"t.{quoted(self.field)}"
        return {
            PERSON: f"(SELECT u.email FROM accounts_user u WHERE u.id = {column})",
            BYTES: f"encode({column}, 'hex')",
            ARRAY: f"{column}::text",
            JSON: f"{column}::text",
            FILE: f"{column} <> ''",
        }.get(self.kind, column)


def archived_models() -> list[type[models.Model]]:
    """Those that others point to come first."""
    return [model for model in reversed(owned_models()) if model._meta.label not in LEFT_OUT]


def columns_of(model: type[models.Model]) -> list[Column]:
    secret = SECRETS.get(model._meta.label, set())
    return [
        Column(field.attname, kind_of(field), field)
        for field in model._meta.concrete_fields
        if not field.generated and field.related_model is not Project and field.name not in secret
    ]


def kind_of(field: models.Field) -> str:
    """Raises TypeError for a field that no archive can hold, such as a link out of the project."""
    if field.primary_key and isinstance(field, models.UUIDField):
        return ID
    if field.is_relation:
        if field.related_model is User:
            return PERSON
        if field.related_model in owner_fields():
            return LINK
        raise TypeError(f"{field} leads out of the project.")
    if isinstance(field, SearchVectorField):
        raise TypeError(f"{field} is to be a generated column.")
    return next((kind for known, kind in KINDS.items() if isinstance(field, known)), PLAIN)


def belongs(model: type[models.Model]) -> str:
    """The condition for rows, of the table as t, of the project %(project)s."""
    owner = quoted(owner_fields()[model])
    condition = f"t.{owner} = %(project)s"
    if not is_indexed(model, owner_fields()[model]):
        # Executions lie beside others of their run, and are found by it.
        runs = "SELECT id FROM runs_run WHERE project_id = %(project)s"
        condition += f" AND t.run_id = ANY(ARRAY({runs}))"
    own = ROWS.get(model._meta.label)
    return f"{condition} AND {own}" if own else condition


def people_sql() -> str:
    """The ids of all accounts that rows of the project name."""
    parts = [
        f"SELECT t.{quoted(column.field)} FROM {model._meta.db_table} t WHERE {belongs(model)}"
        for model in archived_models()
        for column in columns_of(model)
        if column.kind == PERSON
    ]
    return " UNION ".join(parts)


def stored_files() -> Iterator[tuple[type[models.Model], models.FileField]]:
    for model in archived_models():
        for column in columns_of(model):
            if isinstance(column.field, models.FileField):
                yield model, column.field


def member_of_table(model: type[models.Model]) -> str:
    return f"tables/{model._meta.label}.jsonl"


def member_of_file(model: type[models.Model], field: models.Field, pk: object) -> str:
    return f"files/{model._meta.label}.{field.name}/{pk}"
