"""A query as a tree. `str()` of a tree is a query that parses to the same tree."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    """Where in the text something stands, from `start` up to `end`."""

    start: int
    end: int


NOWHERE = Span(0, 0)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(frozen=True)
class Value:
    text: str
    is_quoted: bool = False
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self):
        return quoted(self.text) if self.is_quoted else self.text


@dataclass(frozen=True)
class Word:
    """Text that is looked for: the beginning of a word, or a phrase in quotes."""

    value: Value

    @property
    def at(self) -> Span:
        return self.value.at

    def __str__(self):
        return str(self.value)


@dataclass(frozen=True)
class Term:
    """A field with the values that it may have; `name` is that of a custom field."""

    field: str
    operator: str
    values: tuple[Value, ...]
    name: Value | None = None
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self):
        field = self.field if self.name is None else f"field.{self.name}"
        values = ",".join(str(value) for value in self.values)
        if (field, values) == ("is", "never-run"):
            return values
        return f"{field}:{self.operator}{values}"


@dataclass(frozen=True)
class Not:
    inner: "Node"
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self):
        return f"-{_within(self.inner, And, Or)}"


@dataclass(frozen=True)
class And:
    """All of its parts; a query without any is the one that finds everything."""

    parts: tuple["Node", ...]
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self):
        return " ".join(_within(part, And, Or) for part in self.parts)


@dataclass(frozen=True)
class Or:
    parts: tuple["Node", ...]
    at: Span = field(default=NOWHERE, compare=False)

    def __str__(self):
        return " or ".join(_within(part, Or) for part in self.parts)


Node = Word | Term | Not | And | Or


def _within(node: Node, *wrapped: type) -> str:
    return f"({node})" if isinstance(node, wrapped) else str(node)


def walk(node: Node):
    """The words and terms of a tree, in their order."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from walk(part)
    elif isinstance(node, Not):
        yield from walk(node.inner)
    else:
        yield node
