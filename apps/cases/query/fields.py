"""The fields of the language: what each takes, and what it is for."""

from dataclasses import dataclass

from ..models import Case

NONE = "none"
ME = "me"
OPERATORS = ("<=", ">=", "<", ">")
RESULTS = ("passed", "failed", "error", "skipped", "blocked", "flaky", NONE)
NEVER_RUN = "never-run"


@dataclass(frozen=True)
class Field:
    name: str
    help: str
    choices: tuple[str, ...] = ()
    compares: bool = False


def _names(choices) -> tuple[str, ...]:
    return tuple(str(value) for value in choices.values)


FIELDS = {
    field.name: field
    for field in [
        Field("suite", "path of a suite or a part of it, with all below; or none"),
        Field("tag", "name of a tag; or none"),
        Field("status", "draft, in_review, ready or deprecated", _names(Case.Status)),
        Field("priority", "P0 to P3, also <=P1", _names(Case.Priority), compares=True),
        Field("severity", "blocker, critical, major …", _names(Case.Severity)),
        Field("kind", "manual, automated or http", _names(Case.Kind)),
        Field("owner", "e-mail address or name, me, none"),
        Field("updated", "<7d younger, >30d older, or a date", compares=True),
        Field("created", "<7d younger, >30d older, or a date", compares=True),
        Field("last", "the last result: failed, passed …, none", RESULTS),
        Field(
            "is",
            "flaky, archived, automated or never-run",
            ("flaky", "archived", "automated", NEVER_RUN),
        ),
        Field("requirement", "a part of its name or address; or none"),
        Field("automation", "a part of the automation key; or none"),
    ]
}
CUSTOM = "field"


def choice_of(field: Field, text: str) -> str | None:
    """The choice that somebody means, whatever its case: “In review” is in_review."""
    wanted = text.strip().lower()
    for choice in field.choices:
        if choice.lower() in (wanted, wanted.replace(" ", "_"), wanted.replace("-", "_")):
            return choice
    return None
