"""From text to tree: any text has one, or a QueryError that says where it is no query."""

import re

from .errors import QueryError, unknown
from .fields import CUSTOM, FIELDS, NEVER_RUN, OPERATORS, choice_of
from .moments import read_moment
from .nodes import And, Node, Not, Or, Span, Term, Value, Word

LONGEST = 1000
ONLY_SIGNS = "only letters and digits are looked for."
MOST_TERMS = 50
MOST_LEVELS = 20
LONGEST_WORD = 200

SPACE = re.compile(r'(?:\s|[^\w\s()"]+(?=[\s)]|\Z))*')
"""Signs that stand alone say nothing, as the hyphen of a title that somebody pasted."""
BARE = re.compile(r'[^\s()"]*')
BARE_VALUE = re.compile(r'[^\s()",]*')
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
NAME_BEFORE = re.compile(r'([^\s()":]+):(?!:)')
NO_VALUE = re.compile(r"[\s()]|\Z")
QUOTED_FIELD = re.compile(r'field\.(?=")', re.IGNORECASE)


def parse(text: str) -> Node:
    """The tree of a query; that of no text finds everything."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text):
        self.text, self.place, self.levels, self.terms = text, 0, 0, 0

    def whole(self):
        if len(self.text) > LONGEST:
            raise QueryError(
                f"a query has at most {LONGEST:,} characters, not {len(self.text):,}.", LONGEST
            )
        if found := UNSTORABLE.search(self.text):
            raise QueryError("this character is in no text; leave it out.", found.start())
        self.skip()
        if self.at_end:
            if signs := self.text.strip():
                start = self.text.index(signs)
                raise QueryError(ONLY_SIGNS, start, start + len(signs))
            return And(())
        tree = self.either()
        if not self.at_end:
            raise QueryError("nothing is open that this could close.", self.place)
        return tree

    @property
    def at_end(self):
        return self.place >= len(self.text)

    def skip(self):
        self.place = SPACE.match(self.text, self.place).end()

    def peek(self, sign):
        return self.text.startswith(sign, self.place)

    def keyword(self):
        """“or” or “and”, where it stands alone."""
        run = BARE.match(self.text, self.place)
        after = run.end()
        alone = after >= len(self.text) or self.text[after] != '"'
        return run[0].lower() if alone and run[0].lower() in ("or", "and") else ""

    def either(self):
        start = self.place
        parts = [self.all()]
        while self.keyword() == "or":
            self.place += len("or")
            self.skip()
            self.wanted("after “or”")
            parts.append(self.all())
        return _joined(Or, parts, start)

    def all(self):
        start = self.place
        self.wanted()
        parts = [self.one()]
        while not self.at_end and not self.peek(")") and self.keyword() != "or":
            if self.keyword() == "and":
                self.place += len("and")
                self.skip()
                self.wanted("after “and”")
            parts.append(self.one())
        return _joined(And, parts, start)

    def wanted(self, where="here"):
        """A word, a field or a group begins at this place."""
        if self.at_end:
            raise QueryError(
                f"{where} a word or a field such as status:ready is missing.", self.place
            )
        if self.peek(")"):
            raise QueryError(
                "before this a word or a field such as status:ready is missing.", self.place
            )
        if word := self.keyword():
            raise QueryError(
                f"“{word}” stands between two conditions; to look for the word put it in quotes.",
                self.place,
                self.place + len(word),
            )

    def one(self):
        start = self.place
        if self.peek("-"):
            self.place += 1
            self.wanted("after “-”")
            return Not(self.deeper(start, self.one), Span(start, self.ended()))
        if self.peek("("):
            self.place += 1
            self.skip()
            tree = self.deeper(start, self.either)
            if not self.peek(")"):
                raise QueryError("this parenthesis is never closed.", start)
            self.place += 1
            self.skip()
            return tree
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise QueryError(f"a query has at most {MOST_TERMS} conditions.", start)
        found = self.term() if self.names_a_field() else self.word()
        self.skip()
        return found

    def deeper(self, start, read):
        self.levels += 1
        if self.levels > MOST_LEVELS:
            raise QueryError(f"conditions lie at most {MOST_LEVELS} levels deep.", start)
        found = read()
        self.levels -= 1
        return found

    def ended(self):
        """Where what was read last ends, without the space after it."""
        return len(self.text[: self.place].rstrip())

    def names_a_field(self):
        """Other words than fields may end with a colon, where nothing follows it at once."""
        if QUOTED_FIELD.match(self.text, self.place):
            return True
        found = NAME_BEFORE.match(self.text, self.place)
        if not found or not NO_VALUE.match(self.text, found.end()):
            return bool(found)
        name = found[1].lower()
        return name in FIELDS or name.startswith("field.")

    def word(self):
        start = self.place
        value = self.value(BARE)
        if not value.is_quoted and value.text.lower() == NEVER_RUN:
            return Term("is", "", (Value(NEVER_RUN, at=value.at),), at=value.at)
        if not any(sign.isalnum() for sign in value.text):
            raise QueryError(ONLY_SIGNS, start, self.place)
        if len(value.text) > LONGEST_WORD and not value.is_quoted:
            raise QueryError(f"a word has at most {LONGEST_WORD} characters.", start, self.place)
        return Word(value)

    def term(self):
        start = self.place
        field, name = self.field()
        operator = self.operator(field)
        values = [self.field_value(field, operator)]
        while self.peek(","):
            if operator:
                raise QueryError(f"“{operator}” compares with one value.", self.place)
            self.place += 1
            values.append(self.field_value(field, operator))
        return Term(field, operator, tuple(values), name, Span(start, self.place))

    def field(self):
        """(name of the field, value with the name of a custom one), past the colon."""
        start = self.place
        if QUOTED_FIELD.match(self.text, start):
            self.place += len("field.")
            name = self.value(BARE)
            if not self.peek(":"):
                raise QueryError("after the name of a field a colon is missing.", self.place)
            self.place += 1
            return CUSTOM, self.named(name)
        found = NAME_BEFORE.match(self.text, start)[1]
        self.place += len(found) + 1
        if found.lower().startswith("field."):
            at = Span(start + len("field."), start + len(found))
            return CUSTOM, self.named(Value(found[len("field.") :], at=at))
        if found.lower() not in FIELDS:
            advice = "To look for the text put it in quotes."
            message = unknown("there is no field “{}”.", found, [*FIELDS, "field."], advice)
            raise QueryError(message, start, start + len(found))
        return found.lower(), None

    def named(self, name):
        if not name.text.strip():
            raise QueryError("the name of the custom field is missing.", name.at.start)
        return name

    def operator(self, field):
        found = next((sign for sign in OPERATORS if self.peek(sign)), "")
        if found and field != CUSTOM and not FIELDS[field].compares:
            raise QueryError(
                f"{field} is not compared with “{found}”.", self.place, self.place + len(found)
            )
        self.place += len(found)
        return found

    def field_value(self, field, operator):
        start = self.place
        value = self.value(BARE_VALUE)
        if not value.text.strip():
            raise QueryError(self.missing(field), start, max(self.place, start + 1))
        if field != CUSTOM:
            _check(field, operator, value)
        return value

    def missing(self, field):
        help = FIELDS[field].help if field in FIELDS else "what the field shall hold"
        return f"a value is missing: {help}."

    def value(self, bare):
        """The text in quotes, or that up to the next sign that ends it."""
        start = self.place
        if not self.peek('"'):
            text = bare.match(self.text, start)[0]
            self.place += len(text)
            if self.peek('"') and text:
                raise QueryError("before a quote there is a space, a colon or a comma.", self.place)
            return Value(text, False, Span(start, self.place))
        text, self.place = [], start + 1
        while not self.peek('"'):
            if self.peek("\\") and self.place + 1 < len(self.text):
                self.place += 1
            if self.at_end:
                raise QueryError("this quote is never closed.", start)
            text.append(self.text[self.place])
            self.place += 1
        self.place += 1
        if (
            not self.at_end
            and not self.text[self.place].isspace()
            and self.text[self.place] not in "(),:"
        ):
            raise QueryError("after a closing quote there is a space.", self.place)
        return Value("".join(text), True, Span(start, self.place))


def _check(name, operator, value):
    """What can be told of a value without asking the project."""
    field = FIELDS[name]
    if field.choices and choice_of(field, value.text) is None:
        advice = f"It is one of {', '.join(field.choices)}."
        message = unknown(f"{name} is never “{{}}”.", value.text, field.choices, advice)
        raise QueryError(message, value.at.start, value.at.end)
    if name in ("updated", "created"):
        read_moment(value, operator)


def _joined(kind, parts, start):
    """Flat: an “or” within an “or” says nothing more."""
    if len(parts) == 1:
        return parts[0]
    flat = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else [part]
    return kind(tuple(flat), Span(start, parts[-1].at.end))
