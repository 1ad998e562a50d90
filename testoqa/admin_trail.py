"""Every change made in the administration, told to the instance's own trail."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.forms import BaseForm, Form
from django.http import HttpRequest

from apps.accounts.trail import note_instance

SECRETS = ("password", "secret", "digest", "token", "data", "key_hash")
"""Fields whose names hold one of these are named without what was in them."""
HIDDEN = "(not kept)"
MOST = 100


class NotedAdmin(ModelAdmin):
    """What AdminSite makes of each model's own ModelAdmin."""

    def construct_change_message(
        self, request: HttpRequest, form: Form, formsets: Any, add: bool = False
    ) -> Any:
        request.noted = changes_of([form, *forms_of(formsets)])  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        tell(request, "admin.add", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        tell(request, "admin.change", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for obj in queryset:
            note_instance("admin.delete", obj, by=request.user, project_key=project_key_of(obj))
        return super().log_deletions(request, queryset)


def tell(request: HttpRequest, verb: str, obj: Model) -> None:
    before, after = getattr(request, "noted", ({}, {}))
    key = project_key_of(obj)
    note_instance(verb, obj, by=request.user, project_key=key, before=before, after=after)


def forms_of(formsets: Any) -> Iterable[BaseForm]:
    for formset in formsets or []:
        yield from (form for form in formset.forms if form.has_changed())


def changes_of(forms: Iterable[BaseForm]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after) of the fields that somebody changed, as they read."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for form in forms:
        for name in form.changed_data:
            if name in form.cleaned_data:
                label = f"{form.prefix}-{name}" if form.prefix else name
                before[label] = readable(name, form.initial.get(name))
                after[label] = readable(name, form.cleaned_data[name])
    return before, after


def readable(name: str, value: Any) -> Any:
    if any(secret in name for secret in SECRETS):
        return HIDDEN
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Iterable):
        return sorted(str(item) for item in value)[:MOST]
    return str(value)


def project_key_of(obj: Model) -> str:
    """Of what a project owns; empty for what concerns the instance."""
    project = getattr(obj, "project", None)
    if obj._meta.model_name == "project":
        project = obj
    return getattr(project, "key", "")


def noted(admin_class: type[ModelAdmin] | None) -> type[ModelAdmin]:
    """The same ModelAdmin, which tells what it changes."""
    own = admin_class or ModelAdmin
    return own if issubclass(own, NotedAdmin) else type(own.__name__, (NotedAdmin, own), {})
