"""What a change of many cases asks for: checked once, kept as JSON, read again for each batch."""

from dataclasses import asdict, dataclass, field
from typing import Any

from apps.projects.refusals import Unprocessable

from ..content import CHOICES, LABELS, duration, value_text
from ..models import BulkChange, Case

SETTABLE = ("status", "kind", "priority", "severity", "owner", "estimate_seconds", "custom")
ALONE = "Archiving, restoring and copying stand alone; ask for the other changes by themselves."


@dataclass
class Wanted:
    """`set`: {field: value}, the owner an e-mail address, `custom` {name: value or None}.

    `moves` says that `suite` is where the cases go, None being outside every suite; with `copy_to`,
    the id of a project, it is where the copies go.
    """

    set: dict[str, Any] = field(default_factory=dict)
    add_tags: list[str] = field(default_factory=list)
    remove_tags: list[str] = field(default_factory=list)
    moves: bool = False
    suite: str | None = None
    archive: bool | None = None
    copy_to: int | None = None
    said: str = ""
    query: str | None = None

    @property
    def verb(self) -> str:
        if self.copy_to is not None:
            return "copy"
        if self.archive is not None:
            return "archive" if self.archive else "restore"
        kinds = [
            name
            for name, asked in [
                ("set", self.set),
                ("tag", self.add_tags or self.remove_tags),
                ("move", self.moves),
            ]
            if asked
        ]
        return kinds[0] if len(kinds) == 1 else "change"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def wanted_of(change: BulkChange) -> Wanted:
    return Wanted(**change.arguments)


def require_sense(wanted: Wanted) -> None:
    """Raises Unprocessable for a change that asks for nothing, or for what excludes itself."""
    content = bool(wanted.set or wanted.add_tags or wanted.remove_tags or wanted.moves)
    ways = content + (wanted.archive is not None) + (wanted.copy_to is not None)
    if not ways:
        raise Unprocessable("Say what shall change.", code="nothing")
    if ways > 1:
        raise Unprocessable(ALONE, code="together")
    if both := sorted({*wanted.add_tags} & {*wanted.remove_tags}):
        raise Unprocessable(
            f"The tag “{both[0]}” cannot be added and removed at once.",
            field="remove_tags",
            code="contradiction",
        )


def sentence(wanted: Wanted, *, place: str = "", project: str = "") -> str:
    """“Tagged smoke; set priority to P1”: `place` is the path of the suite, if there is one."""
    if wanted.copy_to is not None:
        return f"Copied to {project}"
    if wanted.archive is not None:
        return "Archived" if wanted.archive else "Restored"
    parts = []
    if wanted.add_tags:
        parts.append(f"tagged {', '.join(wanted.add_tags)}")
    if wanted.remove_tags:
        parts.append(f"took the {_tags(wanted.remove_tags)} {', '.join(wanted.remove_tags)} away")
    if wanted.moves:
        parts.append(f"moved to {place}" if place else "moved out of every suite")
    if values := [*_values(wanted.set)]:
        parts.append(f"set {', '.join(values)}")
    said = "; ".join(parts)
    return said[:1].upper() + said[1:]


def _tags(names):
    return "tag" if len(names) == 1 else "tags"


def _values(said):
    for name, value in said.items():
        if name == "custom":
            for one, held in value.items():
                yield f"{one} to {value_text(held) or 'nothing'}"
        elif name == "estimate_seconds":
            yield f"estimate to {'nothing' if value is None else duration(value)}"
        elif name == "owner":
            yield f"owner to {value or 'nobody'}"
        else:
            shown = CHOICES.get(name, {}).get(value, value)
            yield f"{LABELS[name].lower()} to {shown}"


def asks_for_ready(wanted: Wanted) -> bool:
    return wanted.set.get("status") == Case.Status.READY
