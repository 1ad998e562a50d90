from dataclasses import dataclass

from .nodes import And, Node


@dataclass(frozen=True)
class Chip:
    """One condition that is in force, and the query that is left without it."""

    text: str
    rest: str


def chips_of(tree: Node) -> list[Chip]:
    """What a query asks for, part by part; of alternatives there is one chip."""
    parts = tree.parts if isinstance(tree, And) else (tree,)
    return [
        Chip(str(part), str(And(parts[:place] + parts[place + 1 :])))
        for place, part in enumerate(parts)
    ]
