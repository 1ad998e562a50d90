"""What may stand next in a query, for the field that completes it."""

import re
from dataclasses import dataclass

from django.db.models import Q

from ..suites import paths_like
from .custom import Kind
from .fields import CUSTOM, FIELDS, ME, NEVER_RUN, NONE
from .nodes import quoted

MOST, MOST_NAMES = 12, 40
TERM = re.compile(r'-*(?:(field\."(?:[^"\\]|\\.)*"|[^\s():"]+):(?!:)(<=|>=|<|>)?)?(.*)', re.DOTALL)
PLAIN = re.compile(r'[^\s()",<>\\-][^\s()",\\]*')
AGES = ["<1d", "<7d", "<30d", ">90d", "today"]


@dataclass(frozen=True)
class Suggestion:
    """`text` for what stands in the query from `start` to `end`; `label` and `hint` are shown."""

    text: str
    label: str
    hint: str
    start: int
    end: int


def suggestions(text: str, place: int, project) -> list[Suggestion]:
    """For the term that ends at `place`: names of fields, or values of the one that it names."""
    text = text[:place].replace("\0", "")
    begins = _begin_of_term(text)
    found = TERM.fullmatch(text[begins:])
    field, typed = found[1], found[3]
    if field is None:
        return _names(project, typed, len(text) - len(typed), len(text))
    if field.lower() in ("updated", "created"):
        typed = (found[2] or "") + typed
    typed = _last_value(typed)
    start, wanted = len(text) - len(typed), typed.lstrip('"').lower()
    values = _values(project, field, wanted)
    return [
        Suggestion(f"{_written(value)} ", value, hint, start, len(text)) for value, hint in values
    ][:MOST]


def _begin_of_term(text):
    start, in_quotes, place = 0, False, 0
    while place < len(text):
        sign = text[place]
        if sign == "\\" and in_quotes:
            place += 1
        elif sign == '"':
            in_quotes = not in_quotes
        elif not in_quotes and (sign.isspace() or sign in "()"):
            start = place + 1
        place += 1
    return start


def _last_value(typed):
    """What follows the last comma outside quotes."""
    start, in_quotes = 0, False
    for place, sign in enumerate(typed):
        if sign == '"':
            in_quotes = not in_quotes
        elif sign == "," and not in_quotes:
            start = place + 1
    return typed[start:]


def _names(project, typed, start, end):
    wanted = typed.lower()
    known = [(f"{field.name}:", field.help) for field in FIELDS.values()]
    known.append((f"{NEVER_RUN} ", "cases without any result"))
    if wanted == "" or "field.".startswith(wanted) or wanted.startswith("field."):
        for name in project.custom_fields.values_list("name", flat=True):
            known.append((f"field.{_written(name)}:", "a field of this project"))
    fitting = [name for name in known if _plain(name[0]).startswith(_plain(wanted))]
    return [Suggestion(name, name.strip(), hint, start, end) for name, hint in fitting][:MOST_NAMES]


def _plain(text):
    return text.lower().replace('"', "")


def _values(project, field, wanted):
    if field.lower().startswith(f"{CUSTOM}."):
        return _custom_values(project, field[len("field.") :].strip('"'), wanted)
    find = {"suite": _suites, "tag": _tags, "owner": _people}.get(field.lower())
    if find:
        return find(project, wanted)
    if field.lower() not in FIELDS:
        return []
    known = FIELDS[field.lower()]
    choices = known.choices or (AGES if known.compares else [NONE])
    return [(choice, "") for choice in choices if choice.lower().startswith(wanted)]


def _suites(project, wanted):
    typed = " / ".join(part.strip() for part in wanted.split("/"))
    return [
        *_word(NONE, wanted, "outside every suite"),
        *((path, "") for path in paths_like(project.suites, typed)),
    ]


def _tags(project, wanted):
    tags = project.tags.filter(name__icontains=wanted).values_list("name", flat=True)[:MOST]
    return [*((name, "") for name in tags), *_word(NONE, wanted, "without a tag")]


def _people(project, wanted):
    fits = Q(user__name__icontains=wanted) | Q(user__email__icontains=wanted)
    people = project.memberships.filter(fits).order_by("user__email")
    return [
        *_word(ME, wanted, "you"),
        *_word(NONE, wanted, "nobody"),
        *people.values_list("user__email", "user__name")[:MOST],
    ]


def _custom_values(project, name, wanted):
    field = project.custom_fields.filter(name__iexact=name).first()
    if field is None:
        return []
    values = ["yes", "no"] if field.kind == Kind.CHECKBOX else map(str, field.options)
    return [(value, "") for value in [*values, NONE] if value.lower().startswith(wanted)]


def _word(word, wanted, hint):
    return [(word, hint)] if word.startswith(wanted) else []


def _written(value):
    """As it stands in a query."""
    if value in AGES or PLAIN.fullmatch(value):
        return value
    return quoted(value)
