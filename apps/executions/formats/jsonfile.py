"""Batches of results as a JSON list, as `{"results": [...]}`, or as NDJSON, item by item."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import orjson

from apps.artifacts.reading.charset import BOMS

from .batch import load_lenient, parse_batch_item
from .results import USUAL, FileRefused, ItemRefused, Limits, Reading, Result
from .unpack import CHUNK

# Everything up to the next bracket outside of texts; whole texts are stepped over in one match.
# Possessive, since a match that remembers its steps would hold them all in memory.
PLAIN = re.compile(rb'[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}\[\]]*+)*+', re.DOTALL)
SPACE = re.compile(rb"[ \t\r\n]*")
SPACE_OR_COMMA = re.compile(rb"[ \t\r\n,]*")
SCALAR = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s,\]}"]++', re.DOTALL)
WRAPPED = re.compile(rb'\s*\{\s*"results"\s*:\s*\[')


class NotJsonResults(FileRefused):
    """JSON of some other kind."""


def read_batch(
    stream: BinaryIO, *, content_type: str, reading: Reading, limits: Limits = USUAL
) -> Iterator[Result]:
    """The results of one batch body: NDJSON when the content type says so, else a JSON list."""
    lines = "ndjson" in content_type or "jsonl" in content_type or "json-lines" in content_type
    yield from _read(_chunks(stream, reading), "The body", reading, limits, lines=lines)
    reading.finish()


def read_json(
    chunks: Iterable[bytes], name: str, reading: Reading, limits: Limits
) -> Iterator[Result]:
    """The results of a JSON file, whichever of the three it is."""
    yield from _read(iter(chunks), name, reading, limits, lines=None)


def _chunks(stream: BinaryIO, reading: Reading) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        reading.bytes_read += len(chunk)
        yield chunk


def _read(
    chunks: Iterator[bytes], name: str, reading: Reading, limits: Limits, *, lines: bool | None
) -> Iterator[Result]:
    before = reading.repaired
    source = Source(chunks, name, limits)
    if lines is None:
        lines = source.holds_lines()
    items = _items_of_lines(source) if lines else _items_of_list(source)
    for text, line in items:
        index = reading.received
        reading.received = index + 1
        item = _load(text, name, index, line)
        try:
            yield parse_batch_item(item, index, reading, limits)
        except ItemRefused as refusal:
            reading.refuse(str(refusal), limits, index=index)
    if reading.repaired > before:
        reading.warn(
            "characters",
            f"{name} holds characters that no database keeps ({reading.repaired - before:,}); they "
            "were replaced by visible ones.",
        )


def _load(text: bytes, name: str, index: int, line: int | None) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        reason = str(error)
    try:
        if b"\\u" in text:
            return load_lenient(text)
    except (ValueError, RecursionError):
        pass
    place = f"line {line:,}" if line else f"item {index:,}"
    raise FileRefused(
        f"{name}, {place}: this is no JSON ({reason[:200]}), so nothing of it was taken. "
        "Correct it and send it again."
    )


class Source:
    """A window on the bytes of a file; `at` is where reading goes on."""

    def __init__(self, chunks: Iterator[bytes], name: str, limits: Limits):
        self.chunks, self.name, self.limits = chunks, name, limits
        self.window, self.at = b"", 0
        self.more()
        for bom, encoding in BOMS:
            if self.window.startswith(bom):
                if encoding != "utf-8":
                    raise self.refused(f"is {encoding.upper()}", "Write it as UTF-8")
                self.at = len(bom)

    def refused(self, what: str, advice: str = "Correct it") -> FileRefused:
        return FileRefused(
            f"{self.name} {what}, so nothing of it was taken. {advice} and send it again."
        )

    def more(self) -> bool:
        """Widen the window by as much as it holds, so that no long item is read many times."""
        wanted = max(len(self.window) - self.at, CHUNK)
        if wanted > self.limits.item_bytes:
            raise self.refused(f"holds an item of more than {self.limits.item_bytes >> 20} MiB")
        pieces, size = [self.window[self.at :]], 0
        for chunk in self.chunks:
            pieces.append(chunk)
            size += len(chunk)
            if size >= wanted:
                break
        self.window, self.at = b"".join(pieces), 0
        return size > 0

    def skip(self, pattern: re.Pattern) -> bytes:
        """Step over what the pattern matches; the next byte, or nothing at the end."""
        while True:
            self.at = pattern.match(self.window, self.at).end()
            if self.at < len(self.window):
                return self.window[self.at : self.at + 1]
            if not self.more():
                return b""

    def value(self) -> bytes:
        """The text of the next value, which begins here and ends where its brackets are closed."""
        if self.window[self.at : self.at + 1] not in (b"{", b"["):
            return self._scalar()
        start, position, depth = self.at, self.at, 0
        while True:
            position = PLAIN.match(self.window, position).end()
            byte = self.window[position : position + 1]
            if byte in (b"", b'"'):  # the window ends here, perhaps within a text
                position, start = position - start, 0
                if not self.more():
                    raise self.refused("ends in the middle", "Send the whole of it")
                continue
            depth += 1 if byte in (b"{", b"[") else -1
            position += 1
            if depth > self.limits.item_depth * 2:
                raise self.refused(f"is nested deeper than {self.limits.item_depth * 2}")
            if depth == 0:
                self.at = position
                return self.window[start:position]

    def _scalar(self) -> bytes:
        while True:
            found = SCALAR.match(self.window, self.at)
            if found and found.end() < len(self.window):
                self.at = found.end()
                return found[0]
            if not self.more():
                if not found:
                    raise self.refused("is no JSON")
                self.at = len(self.window)
                return found[0]

    def holds_lines(self) -> bool:
        """Whether this is NDJSON: an object first, and not the one that wraps a list of results."""
        first = self.skip(SPACE)
        if first != b"{" or WRAPPED.match(self.window, self.at):
            return False
        line = self.window[self.at :].split(b"\n", 1)
        while len(line) == 1 and self.more():
            line = self.window.split(b"\n", 1)
        try:
            found = orjson.loads(line[0])
        except orjson.JSONDecodeError:
            return b"\\ud" in line[0].lower()
        return isinstance(found.get("name"), str) or not isinstance(found.get("results"), list)


def _items_of_lines(source: Source) -> Iterator[tuple[bytes, int]]:
    number = 0
    while True:
        end = source.window.find(b"\n", source.at)
        if end < 0 and source.more():
            continue
        line = source.window[source.at : end if end >= 0 else len(source.window)].strip()
        number += 1
        if line:
            yield line, number
        if end < 0:
            return
        source.at = end + 1


def _items_of_list(source: Source) -> Iterator[tuple[bytes, None]]:
    first = source.skip(SPACE)
    if first == b"{":
        _enter_results(source)
        first = source.skip(SPACE)
    if first != b"[":
        raise NotJsonResults(
            f"{source.name} holds no list of results. Send a JSON list, an object with a list "
            "named results, or one JSON object in each line."
        )
    source.at += 1
    byte = source.skip(SPACE)
    while byte != b"]":
        if not byte:
            raise source.refused("ends in the middle", "Send the whole of it")
        yield source.value(), None
        byte = source.skip(SPACE)
        if byte == b",":
            source.at += 1
            byte = source.skip(SPACE)
            if byte == b"]":
                raise source.refused("has a comma before the end of its list")
        elif byte and byte != b"]":
            raise source.refused("has no comma between two items of its list")
    source.at += 1
    byte = source.skip(SPACE)
    while byte and byte in (b"}", b","):  # the rest of the object around the list
        source.at += 1
        byte = source.skip(SPACE)
        if byte == b'"':
            _skip_member(source)
            byte = source.skip(SPACE)
    if byte:
        raise source.refused("goes on after the end of its list")


def _enter_results(source: Source) -> None:
    """Step over the members of the outer object up to the list named results."""
    source.at += 1
    while source.skip(SPACE_OR_COMMA) == b'"':
        if _member_name(source) == b'"results"':
            return
        source.value()
    raise NotJsonResults(
        f"{source.name} is an object without a list named results. Send a JSON list, "
        "such an object, or one JSON object in each line."
    )


def _member_name(source: Source) -> bytes:
    name = source.value()
    if source.skip(SPACE) != b":":
        raise source.refused("is no JSON")
    source.at += 1
    source.skip(SPACE)
    return name


def _skip_member(source: Source) -> None:
    _member_name(source)
    source.value()
