"""The audit trail of a project: every verb leaves a row in its own transaction."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from apps.accounts import trail

from .models import Activity, Project


def note(
    project: Project,
    verb: str,
    target: Model | None = None,
    *,
    by: Any,
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Tell that `by` did `verb` (run.finish) to `target`; `by` is None for the site itself.

    `before` and `after` hold the fields that changed, without secrets and results' payloads.
    """
    fields = trail.row(verb, target, by=by, label=label, before=before, after=after)
    Activity.objects.create(project=project, **fields)


def changes(target: Model, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after) of those fields that differ from what the row holds."""
    differing = [name for name, value in fields.items() if getattr(target, name) != value]
    before = {name: getattr(target, name) for name in differing}
    return before, {name: fields[name] for name in differing}
