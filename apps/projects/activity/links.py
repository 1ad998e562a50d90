"""Where the object of a row is found, if it is still there."""

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, IntegerField, Model, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse

from ..models import Activity, Project


def link(project: Project, rows: Iterable[Activity]) -> None:
    """Give each row its `url`, or None; in one query, whatever the objects are."""
    rows = list(rows)
    urls = {("project", str(project.pk)): project.get_absolute_url()}
    urls |= _of_pages(project, rows)
    if any(row.object_type in ("membership", "environment") for row in rows):
        urls |= _of_lists(project, rows)
    for row in rows:
        row.url = urls.get((row.object_type, row.object_id))


def pages_by_name() -> dict[str, type[Model]]:
    """{"run": Run, …}: what belongs to a project and has an address."""
    models = (relation.related_model for relation in Project._meta.related_objects)
    return {model._meta.model_name: model for model in models if hasattr(model, "get_absolute_url")}


def _of_pages(project: Project, rows: list[Activity]) -> dict[tuple[str, str], str]:
    pages = pages_by_name()
    kinds = sorted({row.object_type for row in rows} & set(pages))
    if not kinds:
        return {}
    first, *others = (
        _still_there(pages[kind], {row.object_id for row in rows if row.object_type == kind})
        for kind in kinds
    )
    together = first.filter(project=project).union(
        *(found.filter(project=project) for found in others), all=True
    )
    there = together.order_by()  # else that of the first model, of columns that are not here
    return {
        (kind, str(pk)): _object(pages[kind], project, pk, number, run).get_absolute_url()
        for kind, pk, number, run in there
    }


def _still_there(model: type[Model], ids: set[str]) -> QuerySet:
    """(name of the model, id, number, number of its run), the last two where it has them."""
    fields = {field.name for field in model._meta.concrete_fields}
    nothing = Cast(None, IntegerField())
    rows = model._base_manager.filter(pk__in=ids).order_by()
    return rows.values_list(
        Value(model._meta.model_name, CharField()),
        "pk",
        Cast("number", IntegerField()) if "number" in fields else nothing,
        Cast("run__number", IntegerField()) if "run" in fields else nothing,
    )


def _object(model: type[Model], project: Project, pk: Any, number: Any, run: Any) -> Any:
    """As much of it as an address takes, without asking for the row."""
    found = model(pk=pk, project=project)
    if number is not None:
        found.number = number
    if run is not None:
        found.run = model._meta.get_field("run").related_model(number=run)
    return found


def _of_lists(project: Project, rows: Iterable[Activity]) -> dict[tuple[str, str], str]:
    """Members and environments have no page of their own: the list that they were put in."""
    lists = {
        "membership": reverse("memberships:list", args=[project.key]),
        "environment": reverse("projects:settings", args=[project.key]) + "#environments",
    }
    return {
        (row.object_type, row.object_id): lists[row.object_type]
        for row in rows
        if row.object_type in lists
    }
