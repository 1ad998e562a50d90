"""Cases as XML elements within elements that are suites: a stream, one case in memory at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from apps.artifacts.reading.charset import find_encoding, repaired
from apps.artifacts.reading.guarded_xml import Unreadable, Watch, failure, guarded_parser
from apps.artifacts.reading.notes import FileRefused

from .rows import Limits, Reading, chunks_of


@dataclass(slots=True)
class Element:
    """An element of a case with all that it holds."""

    tag: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list)
    children: list["Element"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts).strip()

    def find(self, tag: str) -> "Element | None":
        return next((child for child in self.children if child.tag == tag), None)

    def text_of(self, tag: str) -> str:
        child = self.find(tag)
        return child.text if child else ""

    def all(self, *tags: str) -> list["Element"]:
        """The elements at the end of this path of tags."""
        found = [self]
        for tag in tags:
            found = [child for element in found for child in element.children if child.tag == tag]
        return found


@dataclass(frozen=True, slots=True)
class Shape:
    """Which elements are suites and cases; a suite has its name as attribute or first child."""

    suite: str
    case: str
    root: tuple[str, ...]
    tool: str


def read_cases(
    stream: BinaryIO, filename: str, shape: Shape, reading: Reading, limits: Limits
) -> Iterator[tuple[tuple[str, ...], Element]]:
    """(names of the suites from the top, the case) in the order of the file."""
    stream.seek(0)
    encoding = find_encoding(stream.read(2048), filename, reading)
    parser = guarded_parser(filename)
    walk = _Walk(parser, filename, shape, limits)
    watch = Watch(parser, filename, limits)
    before = reading.repaired
    try:
        for chunk in repaired(chunks_of(stream), encoding, filename, reading, limits):
            parser.Parse(chunk, False)
            watch.check(chunk)
            yield from walk.take()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileRefused(str(failure(error, filename))) from error
    except Unreadable as error:
        raise FileRefused(str(error)) from error
    yield from walk.take()
    if reading.repaired > before:
        reading.warn(
            "characters",
            f"{filename} holds {reading.repaired - before:,} characters that XML does not allow; "
            "they were replaced by visible ones.",
        )


class _Walk:
    def __init__(self, parser, filename: str, shape: Shape, limits: Limits):
        self.parser, self.filename, self.shape, self.limits = parser, filename, shape, limits
        self.path: list[str] = []
        self.tags: list[str] = []
        self.open: list[Element] = []
        self.name: list[str] | None = None
        self.done: list[tuple[tuple[str, ...], Element]] = []
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data

    def take(self):
        done, self.done = self.done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.tags and tag not in self.shape.root:
            raise FileRefused(
                f"{self.filename} begins with <{tag}>, as no export of {self.shape.tool} does. "
                "Export the cases as XML and send that file."
            )
        self.tags.append(tag)
        if len(self.tags) > self.limits.depth:
            raise FileRefused(
                f"{self.filename}, line {self.parser.CurrentLineNumber}: elements lie within each "
                f"other more than {self.limits.depth} deep, as in no export."
            )
        if self.open:
            element = Element(tag, attributes)
            self.open[-1].children.append(element)
            self.open.append(element)
        elif tag == self.shape.case:
            self.open.append(Element(tag, attributes))
        elif tag == self.shape.suite:
            self.path.append(attributes.get("name", ""))
        elif tag == "name" and self.path and self.tags[-2] == self.shape.suite:
            self.name = []

    def data(self, text: str) -> None:
        if self.open:
            self.open[-1].parts.append(text)
        elif self.name is not None:
            self.name.append(text)

    def end(self, tag: str) -> None:
        self.tags.pop()
        if self.open:
            element = self.open.pop()
            if not self.open:
                self.done.append((tuple(filter(None, map(str.strip, self.path))), element))
        elif self.name is not None:
            self.path[-1], self.name = "".join(self.name), None
        elif tag == self.shape.suite:
            self.path.pop()
