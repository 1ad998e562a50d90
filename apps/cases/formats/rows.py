"""What a reader of cases hands on: rows of named cells, and notes on how the reading went."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from apps.artifacts.reading.notes import FileRefused
from apps.artifacts.reading.text import UNSTORABLE, storable, visible

CHUNK = 64 << 10
NOTES_OF_A_KIND = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of anything a file of cases may hold; a team's repository never comes near."""

    rows: int = 200_000
    columns: int = 500
    cell: int = 100_000  # characters
    unpacked_bytes: int = 1 << 30
    ratio: int = 200  # unpacked to packed, asked past ratio_from
    ratio_from: int = 64 << 20
    zip_entries: int = 5_000
    zip_directory_bytes: int = 2 << 20
    shared_text: int = 128 << 20  # bytes in memory of a workbook's table of texts
    merged: int = 50_000  # ranges of merged cells
    depth: int = 64
    names: int = 10_000
    markup_bytes: int = 8 << 20
    markup_attributes: int = 50_000
    repairs: int = 1_000_000


USUAL = Limits()


@dataclass(slots=True)
class Row:
    """One row of the file, or one case where the file knows cases.

    `number` counts from 1, the header of a table included. A cell is a text; where the format has
    more to say, a list: steps as [{"action", "expected", "data"} or {"shared"}], the names of
    a path, tags, links. `continued` names the columns whose cell is merged with the one above.
    """

    number: int
    cells: dict[str, Any]
    continued: frozenset[str] = frozenset()
    problem: str = ""


@dataclass
class Table:
    """An open file: its columns, as far as they are known, and its rows, which are read once.

    `extras` is what our own export holds besides cases: suites, shared steps, fields.
    """

    columns: list[str]
    rows: Iterator[Row]
    options: dict[str, Any] = field(default_factory=dict)
    extras: dict[str, list] = field(default_factory=dict)


@dataclass
class Reading:
    """Notes on one reading, filled while it goes on."""

    warnings: list[str] = field(default_factory=list)
    repaired: int = 0
    _kinds: dict[str, int] = field(default_factory=dict, repr=False)

    def warn(self, kind: str, text: str) -> None:
        """Note something; of a kind, the first twenty are kept."""
        seen = self._kinds[kind] = self._kinds.get(kind, 0) + 1
        if seen <= NOTES_OF_A_KIND:
            self.warnings.append(storable(text))


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file from its beginning."""
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        yield chunk


def keepable(table: Table, reading: Reading) -> Table:
    """The table with a sign in the place of each character that the database refuses."""
    table.columns = list(dict.fromkeys(keepable_value(table.columns, reading)))
    table.extras = keepable_value(table.extras, reading)
    table.rows = (
        Row(row.number, keepable_value(row.cells, reading), row.continued, row.problem)
        for row in table.rows
    )
    return table


def keepable_value(value: Any, reading: Reading) -> Any:
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            value, replaced = UNSTORABLE.subn(visible, value)
            reading.repaired += replaced
        return value
    if isinstance(value, dict):
        return {
            keepable_value(name, reading): keepable_value(inner, reading)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [keepable_value(inner, reading) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def named_columns(names: list[str], limits: Limits, filename: str) -> list[str]:
    """The header as distinct names: a second “Steps” is “Steps (2)”, no name is “Column 3”."""
    if len(names) > limits.columns:
        raise FileRefused(
            f"{filename} has {len(names):,} columns, and at most {limits.columns} are read. "
            "Leave the empty ones out."
        )
    found: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        name = " ".join(name.split())[:200] or f"Column {place}"
        unique, again = name, 2
        while unique in found:
            unique, again = f"{name} ({again})", again + 1
        found[unique] = None
    return list(found)


def cells_of(names: list[str], values: list[str]) -> tuple[dict[str, str], str]:
    """The cells by their columns, and what is wrong with the row: it may be longer."""
    more = [value for value in values[len(names) :] if value.strip()]
    problem = (
        f"It has {len(values)} cells, {len(names)} columns have a name. Look for a quote that is "
        "missing or a delimiter within a text."
        if more
        else ""
    )
    values = values[: len(names)] + [""] * (len(names) - len(values))
    return dict(zip(names, values, strict=True)), problem
