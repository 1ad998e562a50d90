"""Our own export of cases as JSON, which imports back equal.

    {
      "format": "testoqa-cases", "version": 1, "project": "WEB",
      "suites": [{"path": ["Checkout", "Coupons"], "description", "owner", "execution_order",
                  "timeout_seconds", "parallel_safe", "prerequisites"}],
      "shared_steps": [{"title", "steps": [{"action", "expected", "data"}]}],
      "fields": [{"name", "kind", "required", "options", "default", "position"}],
      "cases": [{
        "key": "WEB-12", "suite": ["Checkout", "Coupons"], "title", "kind", "status", "priority",
        "severity", "owner": "ada@example.com", "estimate_seconds", "preconditions",
        "description", "steps": [{"action", "expected", "data"} or {"shared": title}],
        "tags": [], "links": [{"title", "url"}], "requirements": [{"name", "url"}],
        "automation_key", "aliases": [], "custom": {name of a field: value}, "archived": false
      }]
    }

The four lists come in this order, so that a reader knows all that a case names before the first
one. `custom` holds values as Case.custom does; people are e-mail addresses. A member that is left
out of a case stays as it is in a case that is there, and is empty in a new one.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson

from apps.artifacts.reading.charset import BOMS
from apps.artifacts.reading.notes import FileRefused

from .rows import CHUNK, Limits, Row, Table
from .shapes import CASE, EXTRAS, misfit

FORMAT, VERSION = "testoqa-cases", 1
LISTS = ["suites", "shared_steps", "fields", "cases"]
MEMBERS = [
    "key", "suite", "title", "kind", "status", "priority", "severity", "owner", "estimate_seconds",
    "preconditions", "description", "steps", "tags", "links", "requirements", "automation_key",
    "aliases", "archived",
]  # fmt: skip
FIELD = "field."
"""Custom fields are columns by their names after this: field.Browser."""
MOST_OF_A_LIST = 20_000
NO_JSON = (ijson.JSONError, UnicodeDecodeError)
FURTHER_BYTES = bytes(range(0x80, 0xC0))
"""Of a character in UTF-8, those behind the first."""
NESTING = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')


def read_own(stream: BinaryIO, filename: str, limits: Limits) -> Table:
    """The cases as rows, counted from 1, and the other three lists as `extras`."""
    start = begin(stream, filename)
    _require_lists(stream, start, filename)
    version = _first(stream, start, "version", filename)
    if version is True or version != VERSION:
        raise FileRefused(
            f"{filename} is version {str(version)[:60]} of this format, and version {VERSION} is "
            "read here."
        )
    extras = {name: _some(stream, start, name, filename) for name in LISTS if name != "cases"}
    fields = [f"{FIELD}{field['name']}" for field in extras["fields"] if field.get("name")]
    return Table([*MEMBERS, *fields], _rows(stream, start, filename, limits), {}, extras)


def is_own(head: bytes) -> bool:
    return re.search(rb'"format"\s*:\s*"testoqa-cases"', head[:4096]) is not None


def begin(stream: BinaryIO, filename: str) -> int:
    """Where the JSON begins, behind a mark of UTF-8."""
    stream.seek(0)
    head = stream.read(4)
    for bom, encoding in BOMS:
        if head.startswith(bom):
            if encoding == "utf-8":
                return len(bom)
            raise FileRefused(f"{filename} is {encoding.upper()}. Write it as UTF-8.")
    return 0


def items(stream: BinaryIO, start: int, prefix: str, filename: str) -> Iterator[Any]:
    """The members of a list one by one. Raises FileRefused for what is no JSON."""
    stream.seek(start)
    with_errors = ijson.items(Guarded(stream, filename), prefix, use_float=True)
    yield from translated(with_errors, stream, start, filename)


def translated(found: Iterator[Any], stream: BinaryIO, start: int, filename: str) -> Iterator[Any]:
    """Errors of the parser as refusals of the file, which name the place."""
    try:
        yield from found
    except NO_JSON:
        sound = _sound(stream, start, _sound(stream, start), 1)
        line, column = _place(stream, start, sound)
        if stream.seek(0, 2) == start + sound:
            told = f"ends in the middle, in line {line:,}. Send the whole file."
        else:
            told = (
                f"is no JSON: line {line:,}, column {column:,} cannot be read. Look there and just "
                "before it for a comma, a quote or a bracket that is missing or too many."
            )
        raise FileRefused(f"{filename} {told}") from None


def _sound(stream, start, known=0, piece=CHUNK):
    """How many bytes the parser takes, by so many at once behind those that are known."""
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, use_float=True)
    stream.seek(start)
    sound = 0
    while data := stream.read(min(CHUNK, known - sound) if sound < known else piece):
        try:
            parser.send(data)
        except NO_JSON:
            break
        events.clear()
        sound += len(data)
    return sound


def _place(stream, start, sound):
    """(line, column) of the byte behind so many, counted from 1; a column is a character."""
    stream.seek(start)
    line = column = 1
    while sound > 0 and (data := stream.read(min(CHUNK, sound))):
        sound -= len(data)
        line += data.count(b"\n")
        _, end, last = data.rpartition(b"\n")
        column = (1 if end else column) + len(last.translate(None, FURTHER_BYTES))
    return line, column


class Guarded:
    """Refuses JSON nested deeper than any export, before a parser builds it."""

    DEEPEST = 200

    def __init__(self, stream: BinaryIO, filename: str):
        self.stream, self.filename = stream, filename
        self.depth = 0

    def read(self, size: int = CHUNK) -> bytes:
        data = self.stream.read(size)
        # Brackets within texts count too, and texts have few that are not closed again.
        deepest = data.count(b"[") + data.count(b"{")
        if self.depth + deepest > self.DEEPEST:
            self._count(data)
        else:
            self.depth += deepest - data.count(b"]") - data.count(b"}")
        return data

    def _count(self, data: bytes) -> None:
        for found in NESTING.finditer(data):
            if found[0] in (b"[", b"{"):
                self.depth += 1
            elif found[0] in (b"]", b"}"):
                self.depth -= 1
            if self.depth > self.DEEPEST:
                raise FileRefused(
                    f"{self.filename} is nested more than {self.DEEPEST} deep, as no export is."
                )


def _first(stream, start, name, filename):
    return next(items(stream, start, name, filename), None)


def _require_lists(stream, start, filename):
    """Those up to the cases, since all that a case names stands before them."""
    stream.seek(start)
    events = ijson.parse(Guarded(stream, filename), use_float=True)
    for place, event, _ in translated(events, stream, start, filename):
        if place in LISTS and event not in ("start_array", "end_array", "null"):
            raise FileRefused(f"{filename}: “{place}” is no list. Write a list of objects there.")
        if place == "cases":
            return


def _some(stream, start, name, filename):
    found = []
    for item in items(stream, start, f"{name}.item", filename):
        place = f"{name}, entry {len(found) + 1}"
        if wrong := misfit(item, EXTRAS[name], place, also_text=False):
            raise FileRefused(f"{filename}: {wrong}")
        found.append(item)
        if len(found) > MOST_OF_A_LIST:
            raise FileRefused(f"{filename}: “{name}” holds more than {MOST_OF_A_LIST:,} entries.")
    return found


def _rows(stream, start, filename, limits):
    for number, case in enumerate(items(stream, start, "cases.item", filename), 1):
        if number > limits.rows:
            raise FileRefused(f"{filename} has more than {limits.rows:,} cases. Send several.")
        if not isinstance(case, dict):
            yield Row(number, {}, problem="It is no JSON object.")
            continue
        title, custom = case.get("title"), case.get("custom") or {}
        wrong = misfit(case, CASE) or misfit(custom, {}, "custom", also_text=False)
        if wrong:
            cells = {"title": title} if isinstance(title, str) else {}
            yield Row(number, cells, problem=wrong)
            continue
        cells = {name: case[name] for name in MEMBERS if name in case}
        cells |= {f"{FIELD}{name}": value for name, value in custom.items()}
        yield Row(number, cells)
