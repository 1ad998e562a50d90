"""How a reader refuses a file, and what it notes of one meanwhile."""

from typing import Protocol

from .text import storable


class FileRefused(ValueError):
    """The whole file cannot be taken in; the text says what is wrong, where, and what to do."""

    def __init__(self, text: str):
        super().__init__(storable(text))


class Notes(Protocol):
    """Where a reader writes what people should know; `repaired` counts characters."""

    repaired: int

    def warn(self, kind: str, text: str) -> None: ...


class MarkupLimits(Protocol):
    """How much of anything an XML file may hold."""

    @property
    def names(self) -> int: ...
    @property
    def markup_bytes(self) -> int: ...
    @property
    def markup_attributes(self) -> int: ...
    @property
    def repairs(self) -> int: ...
