"""What the writers of all formats have in common."""

from collections.abc import Iterator

from .choice import Chosen, Told


class Writer:
    """Writes a file piece by piece: its head, parts of so many cases each, and its end."""

    def __init__(self, chosen: Chosen) -> None:
        self.chosen = chosen
        self.project = chosen.project

    def pieces(self) -> Iterator[bytes]:
        yield self.head()
        for cases in self.chosen.parts():
            if piece := self.part(cases):
                yield piece
        yield self.end()

    def head(self) -> bytes:
        return b""

    def part(self, cases: list[Told]) -> bytes:
        raise NotImplementedError

    def end(self) -> bytes:
        return b""
