"""What a case says, as the JSON that its versions keep, and how two versions differ.

The keys of CaseVersion.content, for SQL that writes versions as well:

    jsonb_build_object(
        'title', title, 'kind', kind, 'status', status, 'priority', priority,
        'suite', coalesce(suite.path, ''),        -- names from the top, joined by ' / '
        'preconditions', preconditions, 'description', description,
        'automation_key', automation_key,
        'tags', '[]'::jsonb,                      -- names in order
        'steps', '[]'::jsonb)                     -- [{"action", "expected", "data"}] in order

`aliases`, the former automation keys, is there only when the case has any. A key that is missing
reads as its value in BLANK.
"""

from dataclasses import dataclass

from .models import Case

BLANK = {
    "title": "",
    "kind": "",
    "status": "",
    "priority": "",
    "suite": "",
    "preconditions": "",
    "description": "",
    "automation_key": "",
    "aliases": [],
    "tags": [],
    "steps": [],
}
LABELS = {
    "title": "Title",
    "kind": "Kind",
    "status": "Status",
    "priority": "Priority",
    "suite": "Suite",
    "preconditions": "Preconditions",
    "description": "Description",
    "automation_key": "Automation key",
    "aliases": "Former keys",
    "tags": "Tags",
    "steps": "Steps",
}
PLAIN = ["title", "kind", "status", "priority", "preconditions", "description", "automation_key"]
CHOICES = {"kind": dict(Case.Kind.choices), "status": dict(Case.Status.choices)}
STEP_KEYS = ["action", "expected", "data"]


def content_of(case) -> dict:
    """The whole content of a case as it is now; read cases with `with_content()` before."""
    content = {name: getattr(case, name) for name in PLAIN}
    content["suite"] = case.suite.path if case.suite else ""
    content["tags"] = case.tags
    content["steps"] = [
        {key: getattr(step, key) for key in STEP_KEYS}
        for step in sorted(case.steps.all(), key=lambda step: step.position)
    ]
    if case.former_keys:
        content["aliases"] = case.former_keys
    return content


@dataclass(frozen=True)
class Difference:
    """One part of the content that differs; steps are compared one by one by place."""

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
        else:
            found.append(Difference(name, LABELS[name], _as_text(name, old), _as_text(name, new)))
    return found


def worded(content: dict) -> dict:
    """The content as a page shows it: nothing is missing, and kind and status are words."""
    words = {name: _as_text(name, content.get(name, "")) for name in CHOICES}
    return {**BLANK, **content, **words}


def summary(changes: list[Difference]) -> str:
    """“Title, Step 3” of the differences of a version."""
    return ", ".join(change.label for change in changes)


def _step_differences(old, new):
    for place in range(max(len(old), len(new))):
        before = _step_text(old[place]) if place < len(old) else ""
        after = _step_text(new[place]) if place < len(new) else ""
        if before != after:
            yield Difference("steps", f"Step {place + 1}", before, after)


def _step_text(step):
    lines = [step.get("action", "")]
    if step.get("expected"):
        lines.append(f"Expect: {step['expected']}")
    if step.get("data"):
        lines.append(f"Data: {step['data']}")
    return "\n".join(lines)


def _as_text(name, value):
    if isinstance(value, list):
        return ", ".join(value)
    return CHOICES[name].get(value, value) if name in CHOICES else str(value)
