"""The encoding of a text file that does not say it: found, or guessed with a warning."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from apps.artifacts.reading.charset import BOMS
from apps.artifacts.reading.notes import FileRefused
from apps.artifacts.reading.text import FORBIDDEN, visible

from .rows import CHUNK, Reading, chunks_of

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "windows-1252": "Windows-1252 (Western European)",
    "windows-1251": "Windows-1251 (Cyrillic)",
}
CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16"}
LOOKED_AT = 1 << 20
HIGH_LETTERS = re.compile(rb"[\xc0-\xff]{2,}")
LATIN_WORDS = re.compile(rb"[A-Za-z]+[\xc0-\xff][A-Za-z]|[A-Za-z]{2,}[\xe0-\xff]")


def find_encoding(stream: BinaryIO, filename: str, reading: Reading) -> str:
    """One of ENCODINGS; a guess is told."""
    stream.seek(0)
    head = stream.read(LOOKED_AT)
    for bom, encoding in BOMS:
        if head.startswith(bom):
            if encoding == "utf-32":
                raise FileRefused(f"{filename} is UTF-32. Save it as UTF-8 and send it again.")
            return encoding
    if b"\0" in head[:2000]:
        return _without_bom(head, filename)
    if _is_utf8(stream):
        return "utf-8"
    guess = guess_of(head)
    reading.warn(
        "encoding",
        f"{filename} is not UTF-8 and does not say what it is. It is read as {ENCODINGS[guess]}, "
        "which is a guess: look at letters with accents in the preview, and choose another "
        "encoding if they are wrong.",
    )
    return guess


def _without_bom(head: bytes, filename: str) -> str:
    """UTF-16, whichever way round gives signs between words and none that is no text."""
    sample = head[: len(head[:2000]) // 2 * 2]
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, "replace")
        if re.search(r"[,;|\t\n]", text) and not FORBIDDEN.search(text[:-1]):
            return encoding
    raise FileRefused(
        f"{filename} holds NUL bytes, as no text does. Save it as CSV in UTF-8 and send it again."
    )


def _is_utf8(stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks_of(stream):
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def guess_of(head: bytes) -> str:
    """Cyrillic words are whole runs of high bytes; Latin ones have one among plain letters."""
    runs = sum(map(len, HIGH_LETTERS.findall(head)))
    words = len(LATIN_WORDS.findall(head))
    return "windows-1251" if runs > 2 * words else "windows-1252"


def lines_of(stream: BinaryIO, encoding: str, filename: str, reading: Reading) -> Iterator[str]:
    """The lines with their ends, every character one that the database keeps."""
    stream.seek(0)
    # Kept open: the stream belongs to the caller.
    text = io.TextIOWrapper(
        io.BufferedReader(Uncloseable(stream), CHUNK),
        encoding=CODECS.get(encoding, encoding),
        errors="testoqa.mark",
        newline="",
    )
    before = reading.repaired
    try:
        for line in text:
            if FORBIDDEN.search(line):
                line, replaced = FORBIDDEN.subn(visible, line)
                reading.repaired += replaced
            yield line
    except UnicodeError as error:
        raise FileRefused(
            f"{filename} cannot be read as {encoding} ({error}). Choose another encoding."
        ) from None
    if reading.repaired > before:
        reading.warn(
            "characters",
            f"{filename} holds {reading.repaired - before:,} characters that are no text in "
            f"{encoding}; they were replaced by visible ones.",
        )


class Uncloseable(io.RawIOBase):
    """Reads through to a stream that stays open when its reader goes."""

    def __init__(self, stream: BinaryIO):
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
