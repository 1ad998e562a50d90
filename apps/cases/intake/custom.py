"""Cells of custom fields as the values that Case.custom keeps."""

import re

from ..models import CustomField
from .values import URL, CellRefused, day, texts, yes

Kind = CustomField.Kind
NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,10})?")


def value_of(field: CustomField, cell, people: dict[str, object]):
    """None for an empty cell. `people`: {e-mail in lower case: a member}. Raises CellRefused."""
    if cell is None or (isinstance(cell, str) and not cell.strip()) or cell == []:
        return None
    return CLEAN[field.kind](field, cell, people)


def _text(field, cell, people):
    return ", ".join(map(str, cell)) if isinstance(cell, list) else str(cell).strip()


def _number(field, cell, people):
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return cell
    text = str(cell).strip()
    if not NUMBER.fullmatch(text):
        raise CellRefused(f"“{text[:60]}” is no number.")
    number = float(text.replace(",", "."))
    return int(number) if number.is_integer() else number


def _choice(field, cell, people):
    known = {str(option).casefold(): option for option in field.options}
    name = " ".join(str(cell).split())
    if name.casefold() not in known:
        offered = ", ".join(map(str, field.options[:10]))
        raise CellRefused(f"“{name[:60]}” is none of its choices: {offered}.")
    return known[name.casefold()]


def _choices(field, cell, people):
    return [_choice(field, name, people) for name in texts(cell)]


def _date(field, cell, people):
    return day(cell)


def _person(field, cell, people):
    email = str(cell).strip().lower()
    if email not in people:
        raise CellRefused(f"“{email[:80]}” is the e-mail address of nobody in this project.")
    return people[email].email


def _url(field, cell, people):
    text = str(cell).strip()
    if not URL.fullmatch(text):
        raise CellRefused(f"“{text[:80]}” is no address; it begins with https:// or http://.")
    return text


def _checkbox(field, cell, people):
    return yes(cell)


CLEAN = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.DATE: _date,
    Kind.PERSON: _person,
    Kind.URL: _url,
    Kind.CHECKBOX: _checkbox,
}
