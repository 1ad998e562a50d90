"""What became of a change: how many cases of each outcome, and which were left."""

from dataclasses import dataclass, field

from django.db.models import Count

from ..models import BulkChange, BulkItem

Outcome = BulkItem.Outcome
QUIET = {Outcome.CHANGED, Outcome.SAME, Outcome.UNDONE}
"""Outcomes that need no names."""
MOST_NAMED = 100


@dataclass
class Told:
    """`left` are the first MOST_NAMED items that were passed over, with their cases."""

    counts: dict[str, int]
    left: list[BulkItem] = field(default_factory=list)

    @property
    def left_count(self) -> int:
        return sum(count for outcome, count in self.counts.items() if outcome not in QUIET)

    @property
    def unnamed(self) -> int:
        return self.left_count - len(self.left)

    @property
    def passed_over(self) -> list[tuple[str, int]]:
        """(“archived”, 3) of all that was not changed."""
        quiet = QUIET - {Outcome.SAME}
        return [
            (str(Outcome(outcome).label), count)
            for outcome, count in self.counts.items()
            if outcome not in quiet
        ]


def tell(change: BulkChange) -> Told:
    if change.is_of_suite:
        return Told({Outcome.CHANGED: change.changed})
    counted = change.items.order_by("outcome").values_list("outcome").annotate(count=Count("pk"))
    told = Told(dict(counted))
    if told.left_count:
        left = change.items.exclude(outcome__in=QUIET).select_related("case")
        told.left = list(left.order_by("case__number")[:MOST_NAMED])
    return told


def changed_by(change: BulkChange):
    """Items of the cases that it changed, with them."""
    touched = [Outcome.CHANGED, Outcome.UNDONE]
    return change.items.filter(outcome__in=touched).select_related("case")


def sentence_of(change: BulkChange, told: Told) -> str:
    """“Tagged smoke: 12 cases. 1 archived.” for who asked."""
    counted = told.counts.get(Outcome.UNDONE if change.undone_at else Outcome.CHANGED, 0)
    cases = f"{counted:,} {'case' if counted == 1 else 'cases'}"
    first = f"Put back {cases}" if change.undone_at else f"{change.said}: {cases}"
    rest = "; ".join(f"{count:,} {label}" for label, count in told.passed_over)
    return f"{first}. Passed over: {rest}." if rest else f"{first}."
