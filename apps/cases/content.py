"""What a case says, as the JSON that its versions keep, and how two versions differ.

The keys of CaseVersion.content, for SQL that writes versions as well:

    jsonb_build_object(
        'title', title, 'kind', kind, 'status', status, 'priority', priority,
        'suite', coalesce(suite.path, ''),        -- names from the top, joined by ' / '
        'preconditions', preconditions, 'description', description,
        'automation_key', automation_key,
        'tags', '[]'::jsonb,                      -- names in order
        'steps', '[]'::jsonb)                     -- [{"action", "expected", "data"}] in order

Shared steps stand among the steps as {"shared": id, "title", "steps": [...]}, with what they said.
`aliases` (the former automation keys), severity, owner (an e-mail address), estimate_seconds, links
([{"title", "url"}]), requirements ([{"name", "url"}]) and custom ({field: value}) are there only
when the case has any. A key that is missing reads as its value in BLANK.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from itertools import starmap, zip_longest

from .links import as_lines
from .models import Case

BLANK = {
    "title": "",
    "kind": "",
    "status": "",
    "priority": "",
    "severity": "normal",
    "owner": "",
    "estimate_seconds": None,
    "suite": "",
    "preconditions": "",
    "description": "",
    "automation_key": "",
    "aliases": [],
    "tags": [],
    "links": [],
    "requirements": [],
    "custom": {},
    "steps": [],
}
LABELS = {
    "title": "Title",
    "kind": "Kind",
    "status": "Status",
    "priority": "Priority",
    "severity": "Severity",
    "owner": "Owner",
    "estimate_seconds": "Estimate",
    "suite": "Suite",
    "preconditions": "Preconditions",
    "description": "Description",
    "automation_key": "Automation key",
    "aliases": "Former keys",
    "tags": "Tags",
    "links": "Links",
    "requirements": "Requirements",
    "custom": "Custom fields",
    "steps": "Steps",
}
PLAIN = ["title", "kind", "status", "priority", "preconditions", "description", "automation_key"]
LATER = ["severity", "estimate_seconds", "links", "requirements", "custom"]
ALWAYS = frozenset([*PLAIN, "suite", "tags", "steps"])
CHOICES = {
    "kind": dict(Case.Kind.choices),
    "status": dict(Case.Status.choices),
    "severity": dict(Case.Severity.choices),
}
STEP_KEYS = ["action", "expected", "data"]
MOST_STEPS = 200
"""Steps of a case, and of shared steps."""
MOST_NAMED = 6
"""Differences that a summary names."""


def content_of(case) -> dict:
    """The whole content of a case as it is now; read cases with `with_content()` before."""
    steps = sorted(case.steps.all(), key=lambda step: step.position)
    return assembled(
        {name: getattr(case, name) for name in (*PLAIN, *LATER)}
        | {
            "suite": case.suite.path if case.suite else "",
            "owner": case.owner.email if case.owner else "",
            "tags": case.tags,
            "aliases": case.former_keys,
            "steps": [step_content(step) for step in steps],
        }
    )


def assembled(says: dict) -> dict:
    """The content of all that a case says: what came later is left out where it is blank."""
    return {name: value for name, value in says.items() if name in ALWAYS or value != BLANK[name]}


def step_content(step) -> dict:
    """One step of a case; shared steps with what they say now."""
    if step.shared is None:
        return {key: getattr(step, key) for key in STEP_KEYS}
    return {
        "shared": str(step.shared.pk),
        "title": step.shared.title,
        "steps": step.shared.steps,
    }


def text_of_steps(steps, shared) -> str:
    """What the search reads of steps as write_steps takes them; `shared`: {id: SharedSteps}."""
    rows = [shared.get(str(step.get("shared") or "")) for step in steps]
    return searched_text(
        {"title": row.title, "steps": row.steps} if row else step
        for step, row in zip(steps, rows, strict=True)
    )


def searched_text(steps) -> str:
    """The same of steps as a content tells them."""
    lines = []
    for step in steps:
        if "steps" in step:
            lines += [step["title"], *(_step_text(one) for one in step["steps"])]
        else:
            lines.append("\n".join(filter(None, (step.get(key, "") for key in STEP_KEYS))))
    return "\n".join(lines)


@dataclass(frozen=True)
class Difference:
    """One part of the content that differs; a step is named by its place, the newer one if both."""

    name: str
    label: str
    before: str
    after: str

    def __str__(self):
        return f"{self.label}: “{self.before}” became “{self.after}”"


def differences(before: dict, after: dict) -> list[Difference]:
    """What changed from one content to another, in the order of the page."""
    found = []
    for name, blank in BLANK.items():
        old, new = before.get(name, blank), after.get(name, blank)
        if old == new:
            continue
        if name == "steps":
            found += _step_differences(old, new)
        elif name == "custom":
            found += _custom_differences(old, new)
        else:
            found.append(Difference(name, LABELS[name], _as_text(name, old), _as_text(name, new)))
    return found


def worded(content: dict) -> dict:
    """The content as a page shows it: nothing is missing, and kind and status are words."""
    words = {name: _as_text(name, content.get(name, BLANK[name])) for name in CHOICES}
    return {**BLANK, **content, **words}


def readable(content: dict) -> list[tuple[str, str]]:
    """(label, text) of what a content says beside its title, its long texts and its steps."""
    return [
        (change.label, change.after)
        for change in differences(BLANK, content)
        if change.name not in ("title", "description", "preconditions", "steps")
    ]


def summary(changes: list[Difference]) -> str:
    """“Title, Step 3” of the differences of a version; of many the first."""
    named = ", ".join(change.label for change in changes[:MOST_NAMED])
    more = len(changes) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _step_differences(old, new):
    """Steps that moved because others came or went before them are none."""
    before, after = [_step_text(step) for step in old], [_step_text(step) for step in new]
    for code, *places in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if code != "equal":
            was, now = range(*places[:2]), range(*places[2:])
            yield from starmap(partial(_step_difference, before, after), zip_longest(was, now))


def _step_difference(before, after, was, now):
    if now is None:
        return Difference("steps", f"Former step {was + 1}", before[was], "")
    return Difference("steps", f"Step {now + 1}", "" if was is None else before[was], after[now])


def _custom_differences(old, new):
    for field in sorted({*old, *new}):
        before, after = value_text(old.get(field)), value_text(new.get(field))
        if before != after:
            yield Difference("custom", field, before, after)


def value_text(value) -> str:
    """A value of a custom field, for people."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _step_text(step):
    if step.get("shared"):
        return "\n".join([f"Shared: {step['title']}", *map(_step_text, step["steps"])])
    lines = [step.get("action", "")]
    if step.get("expected"):
        lines.append(f"Expect: {step['expected']}")
    if step.get("data"):
        lines.append(f"Data: {step['data']}")
    return "\n".join(lines)


def _as_text(name, value):
    if name in ("links", "requirements"):
        return as_lines(value)
    if isinstance(value, list):
        return ", ".join(value)
    if name == "estimate_seconds":
        return "" if value is None else duration(value)
    return CHOICES[name].get(value, value) if name in CHOICES else str(value)


def duration(seconds: int) -> str:
    """90 as “1m 30s”: how people write an estimate."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    parts.append(f"{seconds}s" if seconds or not (hours or minutes) else "")
    return " ".join(filter(None, parts))
