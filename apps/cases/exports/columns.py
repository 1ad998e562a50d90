"""Cases as rows of a table: the columns by which our own import knows them again."""

from collections.abc import Iterable
from typing import Any

from ..content import duration, value_text
from ..formats.jsonfile import FIELD
from ..formats.numbered import SHARED, as_numbered, as_own
from ..formats.several import joined
from .choice import Told

COLUMNS = [
    "Key", "Suite", "Title", "Kind", "Status", "Priority", "Severity", "Owner", "Estimate", "Tags",
    "Requirements", "Links", "Automation key", "Former keys", "Preconditions", "Description",
    "Steps", "Expected result", "Data", "Archived",
]  # fmt: skip
KNOWN = {name.casefold() for name in COLUMNS}
FIRST = ["suite", "title", "kind", "status", "priority", "severity", "owner"]


class Columns:
    """The fixed columns, then one for each of the project's own fields."""

    def __init__(self, project: Any) -> None:
        self.fields = [field.name for field in project.custom_fields.all()]
        self.names = [*COLUMNS, *map(told_name, self.fields)]

    def cells(self, case: Told) -> list[Any]:
        """One row a case; its steps stand in three cells, each with its number."""
        says, seconds = case.says, case.says["estimate_seconds"]
        return [
            case.key,
            *(says[name] for name in FIRST),
            "" if seconds is None else duration(seconds),
            joined(says["tags"]),
            named(says["requirements"], "name"),
            named(says["links"], "title"),
            says["automation_key"],
            "\n".join(says["aliases"]),
            says["preconditions"],
            says["description"],
            *_numbered([_step(step) for step in says["steps"]]),
            "yes" if case.is_archived else "no",
            *(_custom(says["custom"].get(name)) for name in self.fields),
        ]


def told_name(field: str) -> str:
    """The name of a custom field in a file, apart from the fixed names."""
    return f"{FIELD}{field}" if field.casefold() in KNOWN else field


def named(entries: Iterable[dict[str, str]], name: str) -> str:
    """“Title https://…”, one a line."""
    told = ([entry.get(name, ""), entry.get("url", "")] for entry in entries)
    return joined((" ".join(filter(None, parts)) for parts in told), "\n")


def _step(step):
    if "shared" in step:
        return (f"{SHARED}{step['title']}", "", "")
    return (as_own(step["action"]), step["expected"], step["data"])


def _numbered(steps):
    """All actions, all results, all data; actions are there for each step, also empty ones."""
    actions, *others = zip(*steps, strict=True) if steps else ((), (), ())
    yield as_numbered(actions)
    for parts in others:
        yield as_numbered(parts) if any(parts) else ""


def custom_text(value: Any) -> str:
    """A value of a custom field as the import reads it."""
    return joined(map(str, value)) if isinstance(value, list) else value_text(value)


def _custom(value):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else custom_text(value)
