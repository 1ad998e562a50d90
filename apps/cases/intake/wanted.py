"""What a row of a file wants a case to be, and what is wrong with it."""

from dataclasses import dataclass, field
from typing import Any

MOST_TOLD = 10
"""Reasons for which a row is refused that its receipt names."""


@dataclass
class Draft:
    """A case as a row wants it. `fields` holds what the file says alone; `steps` and the lists are
    None where it says nothing of them.
    """

    row: int
    title: str = ""
    key: str = ""
    external_id: str = ""
    suite: tuple[str, ...] | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    steps: list[dict] | None = None
    tags: list[str] | None = None
    aliases: list[str] | None = None
    archived: bool = False
    notes: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)  # (column, reason)

    def refuse(self, column: str, reason: str) -> None:
        if (column, reason) not in self.wrong:
            self.wrong.append((column, reason))

    def sort_reasons(self, columns: list[str]) -> None:
        """In the order of the file's columns; what is wrong with the whole row comes first."""
        places = {column: place for place, column in enumerate(columns)}
        self.wrong.sort(key=lambda told: places.get(told[0], -1))

    @property
    def column(self) -> str:
        """The first one that is wrong."""
        return self.wrong[0][0] if self.wrong else ""

    @property
    def problem(self) -> str:
        """All that is wrong, with the columns behind the first."""
        told = [reason for _, reason in self.wrong[:1]]
        told += [f"{column}: {reason}" if column else reason for column, reason in self.wrong[1:]]
        more = len(told) - MOST_TOLD
        return " ".join([*told[:MOST_TOLD], *([f"{more:,} more are wrong."] if more > 0 else [])])
