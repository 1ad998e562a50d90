"""Texts of any length in bounded memory, and characters that no database keeps."""

import re
from sys import getsizeof

# Within XML 1.0 and PostgreSQL's text; lone surrogates also stand for bytes that did not decode.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def visible(match: re.Match) -> str:
    """A control character becomes its picture (ESC: ␛), anything else U+FFFD."""
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def storable(text: str) -> str:
    """The text with a sign in the place of each character that the database refuses."""
    return UNSTORABLE.sub(visible, text)


def width(text: str) -> int:
    """The bytes that each character takes in memory; the widest one decides for all."""
    return max(1, round((getsizeof(text) - EMPTY) / max(len(text), 1)))


# What a text takes in memory besides its characters.
EMPTY = 60


class Text:
    """A text that grows by parts; past its limit head and tail are kept and the cut is counted.

    The limit is of bytes in memory, so that a text of wide characters takes no more.
    """

    __slots__ = ("cut", "head", "limit", "parts", "room")

    def __init__(self, limit: int):
        self.limit = limit
        self.room = limit + limit // 4  # until it has to be joined, and perhaps shortened
        self.parts: list[str] = []
        self.head = ""
        self.cut = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.room -= getsizeof(text)
        if self.room < 0:
            self._shorten("".join(self.parts))

    def add_line(self, text: str) -> None:
        """Add a text that begins on a line of its own."""
        if text:
            self.add("\n" + text if self.parts else text)

    def _shorten(self, text: str) -> str:
        """Keep the first half of the limit and the last; the middle is only counted."""
        limit = self.limit // width(text)
        half = limit // 2
        if not self.head and len(text) > limit:
            self.head, text = text[:half], text[half:]
        if self.head and len(text) > half:
            self.cut += len(text) - half
            text = text[-half:]
        kept = self.limit // 2 if self.head else self.limit
        self.parts, self.room = [text], max(kept - getsizeof(text), 0) + self.limit // 4
        return text

    def whole(self) -> str:
        """What is kept, with a line about the cut where there is one."""
        text = "".join(self.parts)
        if self.head or len(text) > self.limit // width(text):
            text = self._shorten(text)
        if not self.head:
            return text
        if not self.cut:
            return self.head + text
        return f"{self.head}\n[… {self.cut:,} characters cut here …]\n{text}"

    def told_cut(self, what: str) -> str:
        """The warning about a text that `whole` has cut."""
        last = sum(map(len, self.parts))
        return (
            f"{self.cut:,} characters cut from the middle of its {what}; the first "
            f"{len(self.head):,} and the last {last:,} are kept"
        )


def first_line(text: str, known: str = "") -> str:
    """The first line that says something new, for a result that has a trace and no message."""
    lines = (line.strip() for line in text[:4096].splitlines())
    return next((line for line in lines if line and not (known and line.startswith(known))), "")
