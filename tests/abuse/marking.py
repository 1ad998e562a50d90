"""Words put into every text and file of a project, and a print of all that it owns."""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models

from apps.accounts.models import TrailRow, User
from apps.artifacts.models import Artifact
from apps.cases.models import BulkChange
from apps.memberships.models import ApiToken
from apps.projects.models import Activity, Environment, Project, ProjectGroupObjectPermission
from tests.walls.world import tenant_models

LONG = 70_000
"""Characters of a text without a limit: more than a row of a result keeps."""
KEPT = {"digest", "hint", "idempotency_key", "role", "request_id", "format", "source"}
"""Texts that are compared by their bytes, and never shown as somebody wrote them."""
MEANT = re.compile(r"20\d\d-|[0-9a-f]{8}-[0-9a-f]{4}-")
"""Texts within JSON that stay: moments and ids."""
BEFORE_AFTER = ["before", "after"]
NAMES = {"sha256", "fields_sha256", "executions_file"}


def mark(project, word, *, long=True):
    """Every text of every row of the project, and every file, says `word(model, field)`.

    Tables and fields are asked of the models, so a new one is marked by itself. The trail cannot
    be changed, so it gets a row more; environments that results go to by name keep theirs.
    """
    for model in tenant_models():
        if not issubclass(model, TrailRow):
            rows = model._default_manager.filter(project=project)
            if model is Environment:
                rows = rows.exclude(name__in=Environment.DEFAULTS)
            mark_rows(model, rows, word, long)
    mark_rows(Project, Project.objects.filter(pk=project.pk), word, long)
    members = User.objects.filter(memberships__project=project)
    mark_rows(ApiToken, ApiToken.objects.filter(project=project, user__in=members), word, long)
    mark_rows(User, members, word, long)
    texts = {
        field.name: cut(word(Activity, field), field)
        for field in text_fields(Activity)
        if not isinstance(field, models.JSONField)
    }
    said = {name: {"name": word(Activity, Activity._meta.get_field(name))} for name in BEFORE_AFTER}
    Activity.objects.create(project=project, **texts, **said)
    mark_files(project, word)


def mark_rows(model, rows, word, long):
    for place, row in enumerate(rows.order_by("pk")):
        marked = {
            field.name: marked_value(row, field, numbered(word(model, field), place), long)
            for field in text_fields(model)
        }
        marked = {name: value for name, value in marked.items() if value is not None}
        if marked:
            model._default_manager.filter(pk=row.pk).update(**marked)


def numbered(text, place):
    """What is unique stays so."""
    return f"{text}{place}" if place else text


def text_fields(model):
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField, models.JSONField))
        and not isinstance(field, models.EmailField)
        and not field.generated
        and not field.choices
        and field.name not in KEPT | {"key", "password", "time_zone", "email", "content_type"}
        and not (model is User and field.name not in {"name"})
        and not (model is Project and field.name == "repeats")
        and not (model is BulkChange and field.name == "verb")
    ]


def marked_value(row, field, text, long):
    if isinstance(field, models.JSONField):
        return said_everywhere(getattr(row, field.name), text, spoken()) or None
    if long and not field.max_length and field.name in {"message", "trace", "output"}:
        text = f"{text} {'x' * (LONG - 2 * len(text))} {text}"
    return cut(text, field)


def cut(text, field):
    return text[: field.max_length] if field.max_length else text


@cache
def spoken():
    """Words of the product that stay within JSON, since pages look them up."""
    return {
        str(value)
        for model in tenant_models()
        for field in model._meta.concrete_fields
        if field.choices
        for value, _ in field.flatchoices
    }


def said_everywhere(value, text, kept):
    """The same JSON with every text replaced; an empty object holds one, so that it says it too."""
    if value == {}:
        return {"said": text}
    if isinstance(value, dict):
        return {
            name: inner if name in NAMES else said_everywhere(inner, text, kept)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [said_everywhere(inner, text, kept) for inner in value]
    if isinstance(value, str) and value and value not in kept and not MEANT.match(value):
        return text
    return value


def mark_files(project, word):
    field = Artifact._meta.get_field("file")
    for artifact in project.artifacts.all():
        data = f"{word(Artifact, field)}\n".encode()
        if default_storage.exists(artifact.file.name):
            default_storage.delete(artifact.file.name)
        default_storage.save(artifact.file.name, ContentFile(data))
        Artifact.objects.filter(pk=artifact.pk).update(size=len(data))


def print_of(project):
    """{table: hash of the project's rows, path: hash of a file}: what nobody else may change."""
    members = project.memberships.values("user")
    owned = {
        model._meta.db_table: model._base_manager.filter(project=project)
        for model in tenant_models()
    }
    owned |= {
        "projects_project": Project.objects.filter(pk=project.pk),
        "tokens": ApiToken.objects.filter(project=project),
        "permissions": ProjectGroupObjectPermission.objects.filter(content_object=project),
        "people": User.objects.filter(pk__in=members),
        "roles": User.groups.through.objects.filter(user__in=members),
    }
    found = {name: hash_of(rows) for name, rows in owned.items()}
    folder = Path(settings.MEDIA_ROOT)
    for path in sorted(folder.glob(f"**/{project.pk}/*")):
        found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def hash_of(rows):
    columns = [field.attname for field in rows.model._meta.concrete_fields]
    columns = [column for column in columns if column != "last_login"]
    sql, parameters = rows.order_by("pk").values_list(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), md5(string_agg(r::text, '|' ORDER BY r::text)) FROM ({sql}) r",
            parameters,
        )
        return cursor.fetchone()
