"""Rows of the audit trail, written in the transaction of the verb that they tell of."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from .actor import acting
from .models import InstanceActivity

LONGEST = 300
"""Characters of a text that are kept; the whole of it is in the object's own history."""
SYSTEM = "TestoQA"


def note_instance(
    verb: str,
    target: Model | None = None,
    *,
    by: Any = None,
    project_key: str = "",
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Tell the instance's own trail; `by` is None for somebody unknown and for the site itself."""
    fields = row(verb, target, by=by, label=label, before=before, after=after)
    InstanceActivity.objects.create(project_key=project_key, **fields)


def row(
    verb: str,
    target: Model | None,
    *,
    by: Any,
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The fields of a row; verbs name in `before` and `after` no secrets and no payloads."""
    actor = acting()
    return {
        "verb": verb,
        "user": by,
        "who": by.email if by else SYSTEM,
        "token": actor.token,
        "address": actor.address,
        "request_id": actor.request_id,
        "object_type": target._meta.model_name if target else "",
        "object_id": str(target.pk) if target else "",
        "object_label": _cut(label or (str(target) if target else ""), 255),
        "before": _short(before),
        "after": _short(after),
    }


def _short(fields: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: _value(value) for name, value in (fields or {}).items()}


def _value(value: Any) -> Any:
    if isinstance(value, Model):
        return _cut(str(value), LONGEST)
    if isinstance(value, str):
        return _cut(value, LONGEST)
    if isinstance(value, Mapping):
        return _short(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_value(item) for item in value]
    return value


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
