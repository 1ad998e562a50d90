"""Figures beside their goals."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One value, less being better; `limit` is what the machine could reach at best, if known."""

    name: str
    value: float
    goal: float
    unit: str
    limit: str = "-"

    @property
    def missed(self) -> bool:
        return self.value > self.goal


def report(title, figures) -> int:
    """Print a table; returns the exit code, 1 when a goal is missed."""
    print(f"\n{title}\n{'':46} {'figure':>10} {'goal':>8} {'limit':>9}")
    for figure in figures:
        print(
            f"  {figure.name:44} {figure.value:>10,.2f} {figure.goal:>8,g} {figure.limit:>9} "
            f"{figure.unit}{'  MISSED' if figure.missed else ''}",
            flush=True,
        )
    return int(any(figure.missed for figure in figures))


def at(values, share):
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
