"""What a reader of result files hands on: results, and notes on how the reading went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from apps.artifacts.reading.notes import FileRefused
from apps.artifacts.reading.text import storable

from . import dialect

STATUSES = ("passed", "failed", "error", "skipped", "blocked")

# So many notes of one kind are written out; of the others the number is told.
NOTES_OF_A_KIND = 20


class ItemRefused(ValueError):
    """One entry cannot be taken in, and the others can."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of anything a file may hold; a person's file never comes near."""

    unpacked_bytes: int = 512 << 20
    ratio: int = 500  # unpacked to packed, asked past ratio_from
    ratio_from: int = 16 << 20
    gzip_members: int = 10_000
    zip_entries: int = 10_000
    zip_directory_bytes: int = 4 << 20
    depth: int = 64
    attributes: int = 256
    markup_bytes: int = 8 << 20  # one tag or comment
    markup_attributes: int = 50_000  # seen in a tag that has not ended yet
    names: int = 10_000  # different names of elements and attributes
    suite_name: int = 64 << 10
    text: int = 8 << 20  # bytes in memory of one message, trace or output
    try_text: int = 128 << 10  # the same within an earlier try, once all tries have taken as much
    tries: int = 50
    properties: int = 1_000
    property_text: int = 64 << 10
    item_bytes: int = 16 << 20
    item_depth: int = 32
    repairs: int = 1_000_000
    refused: int = 10_000


USUAL = Limits()


@dataclass(slots=True)
class Try:
    """An earlier try of a test, told by the tool itself."""

    status: str
    message: str = ""
    trace: str = ""
    output: str = ""
    duration_ms: int | None = None


@dataclass
class Result:
    """One test as the file tells it.

    What few tests have is no argument: it is set where it is found and else read from the class,
    which makes a result in a third of the time.
    """

    name: str
    stem: str  # the name without its variant
    key: str
    bracket: str
    suite_path: tuple[str, ...]
    duration_ms: int | None
    started_at: datetime | None
    index: int
    line: int | None
    status: str = field(default="passed", init=False)
    message: str = field(default="", init=False)
    trace: str = field(default="", init=False)
    output: str = field(default="", init=False)
    parameters: dict | None = field(default=None, init=False)
    properties: Mapping[str, str] = field(default=MappingProxyType({}), init=False)
    attempt: int | None = field(default=None, init=False)
    case: str | None = field(default=None, init=False)
    tries: Sequence[Try] = field(default=(), init=False)
    dialect_retry: bool = field(default=False, init=False)


@dataclass
class Reading:
    """Notes on one reading, filled while it goes on and complete at its end."""

    received: int = 0
    warnings: list[str] = field(default_factory=list)
    refused: list[dict] = field(default_factory=list)
    repaired: int = 0
    bytes_read: int = 0
    bytes_total: int = 0
    suite_errors: int = 0  # errors of suites that belong to no test
    texts_cut: int = 0
    strange_times: int = 0  # timestamps that no test can have, which are not kept
    _kinds: dict[str, int] = field(default_factory=dict, repr=False)

    def warn(self, kind: str, text: str) -> None:
        """Note something once; past the first twenty of a kind only their number is kept."""
        seen = self._kinds[kind] = self._kinds.get(kind, 0) + 1
        if seen <= NOTES_OF_A_KIND:
            self.warnings.append(storable(text))

    def believed(self, moment: datetime | None) -> datetime | None:
        """The time that a test says it began, or none and a note where that cannot be."""
        if moment is None or dialect.is_believable(moment):
            return moment
        self.strange_times += 1
        return None

    def refuse(self, reason: str, limits: Limits, **place: int) -> None:
        """Note an entry that was not taken in, with its index or line."""
        self.refused.append({**place, "reason": storable(reason)})
        if len(self.refused) > limits.refused:
            raise FileRefused(
                f"More than {limits.refused:,} entries could not be read, the first because of: "
                f"{self.refused[0]['reason']} Correct what writes the file and send it again."
            )

    def finish(self) -> None:
        """Say how many notes of each kind were not written out, and what is only counted."""
        if self.strange_times:
            self.warnings.append(
                "Timestamps before 1970 or more than a day ahead of now are not kept: "
                f"{self.strange_times:,}."
            )
        for kind, seen in self._kinds.items():
            if seen > NOTES_OF_A_KIND:
                self.warnings.append(f"{seen - NOTES_OF_A_KIND:,} more notes of {kind}.")
        self._kinds.clear()
        self.bytes_read = max(self.bytes_read, self.bytes_total)

    def mark(self) -> tuple:
        """Where the notes stand, for `rewind` when a file has to be read again."""
        kinds = dict(self._kinds)
        return (
            self.received, len(self.warnings), len(self.refused),
            self.repaired, self.suite_errors, self.texts_cut, self.strange_times, kinds,
        )  # fmt: skip

    def rewind(self, mark: tuple) -> None:
        """Forget what was noted since the mark."""
        self.received, warnings, refused, self.repaired, *counts, kinds = mark
        self.suite_errors, self.texts_cut, self.strange_times = counts
        del self.warnings[warnings:], self.refused[refused:]
        self._kinds = dict(kinds)
