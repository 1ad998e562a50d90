"""How pages answer: whole or as a partial, lists by keyset pages, and verbs that are refused."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from .refusals import Refused

PAGE_SIZE = 50


def wants_part(request):
    """Whether htmx asks for a part of the page alone."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def render_page(request, template, context=None, *, partial=None, nav="", status=None):
    """The page, or its named partial when htmx asks; both know the project and the permissions."""
    context = dict(context or {}, nav=nav)
    if door := getattr(request, "context", None):
        context.update(project=door.project, may=door.permissions, guest=door.is_guest)
    if partial and wants_part(request):
        template = f"{template}#{partial}"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def carry_out(request, verb, *args, done="", **kwargs):
    """Whether the verb was carried out for the person who asks, who is told so, or why not."""
    try:
        verb(*args, by=request.user, **kwargs)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return False
    if done:
        messages.success(request, done)
    return True


def submit(form, verb, *args, **kwargs):
    """What the verb returns; None where it was refused, and the form says why."""
    try:
        return verb(*args, **kwargs)
    except Refused as refusal:
        add_refusal(form, refusal)
        return None


def add_refusal(form, refusal):
    """At the field that it names, if the form shows that one."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


@dataclass
class KeysetPage:
    """Rows after a position; `next` and `previous` are for ?after= and ?before=, or None."""

    rows: list[Any]
    next: str | None
    previous: str | None


def keyset_page(queryset, request, *, field, descending=False, size=PAGE_SIZE):
    """A page by ?after= or ?before= the value of a unique field; a bad value is the first page."""
    after, before = request.GET.get("after"), request.GET.get("before")
    backwards = bool(before) and not after
    position = _position(queryset, field, before if backwards else after)
    down = descending != backwards
    if position is not None:
        queryset = queryset.filter(**{f"{field}__{'lt' if down else 'gt'}": position})
    rows = list(queryset.order_by(f"-{field}" if down else field)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next = bool(rows) and (more or (backwards and position is not None))
    has_previous = bool(rows) and (more if backwards else position is not None)
    return KeysetPage(
        rows=rows,
        next=str(getattr(rows[-1], field)) if has_next else None,
        previous=str(getattr(rows[0], field)) if has_previous else None,
    )


def _position(queryset, field, value):
    if not value or "\0" in value:  # which no text of the database holds
        return None
    try:
        return queryset.model._meta.get_field(field).clean(value, None)
    except Exception as error:
        if not isinstance(error, (ValueError, TypeError)) and not hasattr(error, "messages"):
            raise
        return None
