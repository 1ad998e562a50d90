"""What becomes of one case of a change: what it will say, or why it is left as it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ..content import BLANK
from ..forms import MOST_NAMES
from ..models import BulkItem, Case

Outcome = BulkItem.Outcome
Fits = Callable[[str, Any], bool]
COLUMNS = (
    "status", "kind", "priority", "severity", "owner_id", "estimate_seconds", "suite_id",
)  # fmt: skip
MAY_BE_MISSING = ("severity", "owner", "estimate_seconds", "custom")
"""Keys of a content that are there only when they say something."""
HELD = (*COLUMNS, "custom", "tags")
"""What a change of many cases can touch; `before` of an item holds some of these."""


@dataclass(slots=True)
class Held:
    """A case as it is, locked: what it says of HELD, and the path of its suite."""

    id: UUID
    version: int
    is_archived: bool
    says: dict[str, Any]


@dataclass(slots=True)
class Rules:
    """What holds for every case of a batch."""

    review_required: bool
    review_again: bool
    values: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    add_tags: frozenset[str] = frozenset()
    remove_tags: frozenset[str] = frozenset()


@dataclass(slots=True)
class Decision:
    """`after` is None unless the case changes; `before` holds what it said of what changes."""

    id: UUID
    outcome: str
    version: int | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    @property
    def is_change(self) -> bool:
        return self.after is not None


def change_of(case: Held, rules: Rules) -> Decision:
    """By the rules of change_case: what is so already makes no version."""
    if case.is_archived:
        return Decision(case.id, Outcome.ARCHIVED)
    after = case.says | rules.values
    if rules.custom:
        after["custom"] = _with_values(case.says["custom"], rules.custom)
    if rules.add_tags or rules.remove_tags:
        after["tags"] = sorted({*case.says["tags"], *rules.add_tags} - rules.remove_tags)
        if len(after["tags"]) > max(MOST_NAMES, len(case.says["tags"])):
            return Decision(case.id, Outcome.FULL)
    if rules.review_required and _becomes_ready(case.says, after):
        return Decision(case.id, Outcome.REVIEW)
    if after == case.says:
        return Decision(case.id, Outcome.SAME)
    if rules.review_again and case.says["status"] == after["status"] == Case.Status.READY:
        after["status"] = Case.Status.IN_REVIEW
    return _decided(case, after, Outcome.CHANGED)


def undoing_of(case: Held, item: BulkItem, *, suites: set[UUID], fits: Fits) -> Decision:
    """What the case said before, unless it was saved since or cannot say it again.

    `suites` are those of the project that are still there; `fits` says whether a custom field of
    this name is there that takes the value.
    """
    if case.version != item.version:
        return Decision(case.id, Outcome.CHANGED_SINCE)
    if case.is_archived:
        return Decision(case.id, Outcome.ARCHIVED_SINCE)
    former = {**item.before}
    if former.get("suite_id"):
        former["suite_id"] = UUID(former["suite_id"])
        if former["suite_id"] not in suites:
            return Decision(case.id, Outcome.GONE)
    if "custom" in former:
        if not all(fits(name, value) for name, value in former["custom"].items()):
            return Decision(case.id, Outcome.CHANGED_SINCE)
        former["custom"] = _with_values(case.says["custom"], former["custom"])
    return _decided(case, case.says | former, Outcome.UNDONE)


def content_changes(decision: Decision, *, paths, emails) -> tuple[dict[str, Any], list[str]]:
    """(keys of the content with what they say now, keys that say nothing any more).

    The suite always, since its path may be another than the last version knew. `paths` and `emails`
    tell of suites and owners by their keys.
    """
    after = decision.after or {}
    said = {"suite": paths.get(after["suite_id"], "")}
    for name in decision.before or ():
        if name == "owner_id":
            said["owner"] = emails.get(after[name], "")
        elif name != "suite_id":
            said[name] = after[name]
    blank = [name for name in MAY_BE_MISSING if name in said and said[name] == BLANK[name]]
    return {name: said[name] for name in said if name not in blank}, blank


def _becomes_ready(before, after):
    return after["status"] == Case.Status.READY and before["status"] != Case.Status.READY


def _decided(case, after, outcome):
    before = {name: case.says[name] for name in HELD if case.says[name] != after[name]}
    if "custom" in before:
        was, now = before["custom"], after["custom"]
        before["custom"] = {
            name: was.get(name) for name in {*was, *now} if was.get(name) != now.get(name)
        }
    if before.get("suite_id"):
        before["suite_id"] = str(before["suite_id"])
    return Decision(case.id, outcome, case.version + 1, before, after)


def _with_values(held, values):
    """None takes a value away."""
    return {name: value for name, value in (held | values).items() if value is not None}
