"""From rows to cases as they would become: what each says of which field, and what is wrong."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from apps.projects.spreadsheets import as_written

from ..content import MOST_STEPS, STEP_KEYS
from ..formats import TOOLS, Limits, Row, plain
from ..formats.html import as_markdown
from ..formats.jsonfile import FIELD
from ..formats.numbered import SHARED, is_line, own, without_escapes
from ..formats.rows import USUAL
from . import custom, values
from .values import CellRefused
from .wanted import Draft

STEP_TARGETS = {"steps": "action", "expected": "expected", "data": "data"}
TEXTS = {"preconditions", "description", "automation_key"}


@dataclass
class Plan:
    """How a file is taken: mapping, options, and what the project knows by name."""

    mapping: dict[str, str]
    options: dict[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)  # custom fields by name
    people: dict[str, Any] = field(default_factory=dict)  # members by e-mail in lower case
    shared: dict[str, Any] = field(default_factory=dict)  # shared steps by title
    base: tuple[str, ...] = ()
    single: bool = False  # each row is a case, as in formats that know cases
    exact: bool = False  # texts are taken as they are, with the spaces around them
    limits: Limits = USUAL

    def __post_init__(self):
        self.columns: dict[str, list[str]] = {}
        for column, target in self.mapping.items():
            self.columns.setdefault(target, []).append(column)
        self.tool = TOOLS.get(self.options.get("tool") or "")
        self.skipped = 0

    @property
    def how(self) -> str:
        """How steps within one cell are told apart."""
        if self.tool and self.tool.numbered:
            return "numbers"
        return self.options.get("steps") or "auto"

    @property
    def separator(self) -> str:
        return self.options.get("separator") or (self.tool.separator if self.tool else "")


def drafts_of(rows: Iterable[Row], plan: Plan) -> Iterator[Draft]:
    """A draft for each case of the file."""
    return (draft_of(group, plan) for group in groups_of(rows, plan))


def groups_of(rows: Iterable[Row], plan: Plan) -> Iterator[list[Row]]:
    """The rows of each case: those that only go on with its steps belong to it. Empty lines of a
    table are none.
    """
    group: list[Row] = []
    for row in rows:
        if not (plan.single or row.problem or any(map(_filled, row.cells.values()))):
            continue
        if _is_skipped(row, plan):
            plan.skipped += 1
        elif group and _goes_on(row, group[0], plan):
            group.append(row)
        else:
            if group:
                yield group
            group = [row]
    if group:
        yield group


def draft_of(rows: list[Row], plan: Plan) -> Draft:
    """The case that these rows are."""
    first = rows[0]
    draft = Draft(first.number)
    cells = {column: _tidy(value, plan) for column, value in first.cells.items()}
    for row in rows:
        _check_row(row, draft, plan)
    for target, columns in plan.columns.items():
        present = [column for column in columns if column in cells]
        if present and target not in STEP_TARGETS:
            _take(draft, target, present, cells, plan)
    if set(plan.columns) & set(STEP_TARGETS):
        _take_steps(draft, rows, plan)
    if not draft.title.strip():
        draft.refuse(next(iter(plan.columns.get("title", [])), ""), "It has no title.")
    draft.sort_reasons(plan.options.get("columns", []))
    return draft


def _check_row(row, draft, plan):
    if row.problem:
        draft.refuse("", row.problem)
    for column in plan.mapping:
        size = _length(row.cells.get(column))
        if size > plan.limits.cell:
            draft.refuse(
                column, f"It has {size:,} characters, at most {plan.limits.cell:,} are taken."
            )


def _length(value) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_length, value.values()))
    return sum(map(_length, value)) if isinstance(value, list) else 0


def _filled(value) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value not in (None, [], {})


def _is_skipped(row, plan) -> bool:
    """Rows that are no cases in the files of a tool: suites alone, preconditions."""
    if not plan.tool or not plan.tool.skip:
        return False
    cells = {plain(column): value for column, value in row.cells.items()}
    return any(
        str(cells.get(column, "")).strip().casefold() in values
        for column, values in plan.tool.skip.items()
    )


def _goes_on(row, first, plan) -> bool:
    """Whether a row is a further step of the case above: merged with it, of the same id, or
    without any id and title of its own."""
    if plan.single:
        return False
    if not any(_filled(row.cells.get(c)) for t in STEP_TARGETS for c in plan.columns.get(t, ())):
        return False
    ids = [*plan.columns.get("key", ()), *plan.columns.get("external_id", ())]
    titles = plan.columns.get("title", [])
    if any(column in row.continued for column in [*ids, *titles]):
        return True
    own = [str(row.cells.get(column) or "").strip() for column in ids]
    if any(own):
        return own == [str(first.cells.get(column) or "").strip() for column in ids]
    return not any(_filled(row.cells.get(column)) for column in titles)


def _tidy(value, plan):
    if isinstance(value, str) and not plan.exact:
        if not plan.single:
            value = as_written(value)
        if "\r" in value:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        if plan.tool and plan.tool.html:
            value = as_markdown(value)
        return value.strip()
    return value


def _take(draft, target, columns, cells, plan):
    for column in columns:
        value = cells[column]
        try:
            if target.startswith(FIELD):
                _take_custom(draft, target[len(FIELD) :], value, plan)
            else:
                TAKE.get(target, _take_text)(draft, target, value, column, plan)
        except CellRefused as refusal:
            if plan.options.get("unknown") == "leave" and target in SOFT:
                draft.notes.append(f"{column}: {refusal} It is left out.")
            else:
                draft.refuse(column, str(refusal))


def _take_custom(draft, name, value, plan):
    known = plan.fields.get(name)
    if known is None:
        return
    try:
        draft.custom[name] = custom.value_of(known, value, plan.people)
    except CellRefused as refusal:
        if plan.options.get("unknown") != "leave":
            raise
        draft.notes.append(f"{name}: {refusal} It is left out.")


def _take_title(draft, target, value, column, plan):
    draft.title = draft.title or _as_text(value)


def _take_plain(draft, target, value, column, plan):
    if not getattr(draft, target):
        setattr(draft, target, _as_text(value).strip())


def _take_suite(draft, target, value, column, plan):
    if not draft.suite:
        draft.suite = values.path(value or "", plan.separator)


def _take_choice(draft, target, value, column, plan):
    text = _as_text(value)
    if target in draft.fields or not text.strip():
        return
    found = values.choice(target, text)
    if found is None and not values.says_nothing(text):
        known = ", ".join(values.LABELS[target].values())
        raise CellRefused(f"“{text.strip()[:60]}” is not known; known are {known}.")
    if found:
        draft.fields[target] = found


def _take_type(draft, target, value, column, plan):
    """“Automated” is a kind; what else tools call the type of a test is a tag."""
    text = _as_text(value).strip()
    if values.choice("kind", text) == "automated":
        draft.fields["kind"] = "automated"
    elif text and not values.says_nothing(text) and text.casefold() not in ("other", "manual"):
        draft.tags = _added(draft.tags, values.tags(text))


def _take_owner(draft, target, value, column, plan):
    email = _as_text(value).strip()
    if values.says_nothing(email):
        draft.fields["owner"] = None
        return
    found = plan.people.get(email.lower())
    if found is None:
        raise CellRefused(f"“{email[:80]}” is the e-mail address of nobody in this project.")
    draft.fields["owner"] = found


def _take_estimate(draft, target, value, column, plan):
    draft.fields["estimate_seconds"] = values.estimate(value, column)


def _take_tags(draft, target, value, column, plan):
    draft.tags = values.not_too_many(_added(draft.tags, values.tags(value or [])), "tags")


def _take_aliases(draft, target, value, column, plan):
    parts = value if isinstance(value, list) else _as_text(value).split("\n")
    names = dict.fromkeys(str(part).strip() for part in parts)
    names.pop("", None)
    draft.aliases = values.not_too_many(list(names), "former keys")


def _take_list(draft, target, value, column, plan):
    before = draft.fields.get(target, [])
    draft.fields[target] = values.entries(value or [], target, before)


def _take_archived(draft, target, value, column, plan):
    draft.archived = values.yes(value if value is not None else "")


def _take_text(draft, target, value, column, plan):
    text = _as_text(value)
    if target == "description" and draft.fields.get(target) and text:
        text = f"{draft.fields[target]}\n\n**{column}**\n\n{text}"
    elif target == "description" and target in draft.fields:
        text = draft.fields[target]
    if text or target not in draft.fields:
        draft.fields[target] = text


def _as_text(value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _added(old, new):
    return [*(old or []), *(one for one in new if one not in (old or []))]


TAKE = {
    "title": _take_title,
    "key": _take_plain,
    "external_id": _take_plain,
    "suite": _take_suite,
    "kind": _take_choice,
    "status": _take_choice,
    "priority": _take_choice,
    "severity": _take_choice,
    "type": _take_type,
    "owner": _take_owner,
    "estimate": _take_estimate,
    "tags": _take_tags,
    "aliases": _take_aliases,
    "links": _take_list,
    "requirements": _take_list,
    "archived": _take_archived,
}
SOFT = {
    "kind", "status", "priority", "severity", "owner", "estimate", "links", "requirements",
}  # fmt: skip
"""Where a case is whole without the value."""


def _take_steps(draft, rows, plan):
    present = [c for t in STEP_TARGETS for c in plan.columns.get(t, ()) if c in rows[0].cells]
    if not present:
        return
    steps = [step for row in rows for step in _steps_of(row, plan, draft)]
    if len(steps) > MOST_STEPS:
        draft.refuse(present[0], f"It has {len(steps):,} steps; a case has at most {MOST_STEPS}.")
    draft.steps = steps[:MOST_STEPS]


def _steps_of(row, plan, draft) -> list[dict]:
    """The steps of one row: of a list as it is, of a text split as the plan says."""
    parts = {}
    for target, name in STEP_TARGETS.items():
        found = (row.cells.get(column) for column in plan.columns.get(target, ()))
        value = next((_tidy(value, plan) for value in found if _filled(value)), "")
        if isinstance(value, list):
            return _structured(value, plan, draft)
        parts[name] = _as_text(value)
    if row.number != draft.row or not parts["action"]:
        return [parts] if any(parts.values()) else []
    split = {name: values.split_steps(text, plan.how) for name, text in parts.items()}
    if plan.tool and plan.tool.numbered:
        split = {name: [values.unquoted(part) for part in found] for name, found in split.items()}
    elif not plan.tool:
        split = {
            name: [without_escapes(part, in_line=is_line(parts[name])) for part in found]
            for name, found in split.items()
        }
    steps = _side_by_side(split)
    return [_shared_or_own(step, plan) for step in steps]


def _shared_or_own(step, plan) -> dict:
    """“Shared: Sign in” stands for the shared steps of that title, as exports write it."""
    title = step["action"].removeprefix(SHARED)
    known = plan.shared.get(title) if title != step["action"] else None
    if known is not None:
        return {"shared": str(known.pk)}
    return step if plan.tool else step | {"action": own(step["action"])}


def _side_by_side(split) -> list[dict]:
    """The second expected result beside the second action; one for all stands at the last."""
    count = len(split["action"])
    steps = [{"action": action, "expected": "", "data": ""} for action in split["action"]]
    for name in ("expected", "data"):
        parts = split[name]
        if len(parts) > count or (len(parts) == 1 and count > 1):
            place = 0 if name == "data" else count - 1
            steps[place][name] = "\n".join(parts)
        else:
            for step, part in zip(steps, parts, strict=False):
                step[name] = part
    return [step for step in steps if any(step.values())]


def _structured(found, plan, draft) -> list[dict]:
    steps = []
    for step in found:
        if isinstance(step, str):
            steps.append({"action": step, "expected": "", "data": ""})
        elif isinstance(step, dict) and step.get("shared"):
            steps.extend(_shared(str(step["shared"]), plan, draft))
        elif isinstance(step, dict):
            steps.append({key: _tidy(_as_text(step.get(key)), plan) for key in STEP_KEYS})
        else:
            draft.refuse("steps", "A step is a text, or an object with action, expected and data.")
    return [step for step in steps if any(step.values())]


def _shared(title, plan, draft) -> list[dict]:
    known = plan.shared.get(title)
    if known is not None:
        return [{"shared": str(known.pk)}]
    draft.refuse("steps", f"There are no shared steps called “{title[:80]}”; make them first.")
    return []
