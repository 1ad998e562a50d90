"""What a case would say after an import: its content now, with what the file says over it."""

from dataclasses import dataclass
from typing import Any

from ..content import ALWAYS, BLANK
from ..models import Case
from .drafts import Plan
from .wanted import Draft

DEFAULTS = {
    "title": "",
    "kind": Case.Kind.MANUAL.value,
    "status": Case.Status.DRAFT.value,
    "priority": Case.Priority.P2.value,
    "suite": "",
    "preconditions": "",
    "description": "",
    "automation_key": "",
    "tags": [],
    "steps": [],
}
REVIEW = "The project reviews cases before they are ready, so it waits for a review."
REVIEW_AGAIN = "It was ready and is changed, so it waits for a review."


@dataclass
class Rules:
    """What the project asks of a case before it is ready."""

    review_required: bool
    review_again: bool

    @classmethod
    def of(cls, project):
        return cls(project.review_required, project.review_again)


def new_content(draft: Draft, plan: Plan, suite_path: str, rules: Rules) -> dict[str, Any]:
    """The content of a case that is not there yet."""
    chosen = {
        name: plan.options[name]
        for name in ("kind", "status", "priority")
        if plan.options.get(name)
    }
    before = {**DEFAULTS, **chosen}
    custom = {
        name: field.default for name, field in plan.fields.items() if field.default is not None
    }
    if custom:
        before["custom"] = custom
    content = content_after(before, draft, plan, suite_path)
    if rules.review_required and content["status"] == Case.Status.READY:
        content["status"] = Case.Status.IN_REVIEW.value
        draft.notes.append(REVIEW)
    return content


def changed_content(
    before: dict[str, Any], draft: Draft, plan: Plan, suite_path: str, rules: Rules
) -> dict[str, Any]:
    """The content of a case that is there; the same where the file says nothing else."""
    content = content_after(before, draft, plan, suite_path)
    if content == before:
        return content
    was_ready = before["status"] == Case.Status.READY
    if content["status"] != Case.Status.READY:
        return content
    if rules.review_required and not was_ready:
        content["status"] = Case.Status.IN_REVIEW.value
        if content != before:
            draft.notes.append(REVIEW)
    elif rules.review_again and was_ready:
        content["status"] = Case.Status.IN_REVIEW.value
        draft.notes.append(REVIEW_AGAIN)
    return content


def content_after(before, draft: Draft, plan: Plan, suite_path: str) -> dict[str, Any]:
    fields = dict(draft.fields)
    content = dict(before)
    content["title"] = draft.title
    if "owner" in fields:
        owner = fields.pop("owner")
        content["owner"] = owner.email if owner else ""
    for name, value in fields.items():
        content[name] = value
    if draft.suite is not None or plan.base:
        content["suite"] = suite_path
    if draft.steps is not None:
        content["steps"] = [_step(step, plan) for step in draft.steps]
    if draft.tags is not None:
        content["tags"] = sorted(draft.tags)
    if draft.custom:
        custom = dict(content.get("custom", {})) | draft.custom
        content["custom"] = {name: value for name, value in custom.items() if value is not None}
    _set_aliases(content, before, draft)
    return {
        name: value for name, value in content.items() if name in ALWAYS or value != BLANK.get(name)
    }


def _set_aliases(content, before, draft):
    """A former automation key stays as one, so that its results still find the case."""
    keys = set(content.get("aliases", []) if draft.aliases is None else draft.aliases)
    if before["automation_key"] and before["automation_key"] != content["automation_key"]:
        keys.add(before["automation_key"])
    content["aliases"] = sorted(keys - {"", content["automation_key"]})


def _step(step, plan):
    """As content_of tells a step; shared ones with what they say."""
    if "shared" not in step:
        return step
    shared = next(row for row in plan.shared.values() if str(row.pk) == step["shared"])
    return {"shared": step["shared"], "title": shared.title, "steps": shared.steps}
