"""Cells of custom fields as values that Case.custom keeps: files say them in more ways."""

from ..custom_fields import clean_value
from ..models import CustomField
from .values import CellRefused, day, texts, yes

Kind = CustomField.Kind


def value_of(field: CustomField, cell, people: dict[str, object]):
    """None for an empty cell. `people`: {e-mail in lower case: a member}. Raises CellRefused."""
    if cell is None or (isinstance(cell, str) and not cell.strip()) or cell == []:
        return None
    value = READ[field.kind](cell) if field.kind in READ else cell
    member = people.get(str(cell).strip().lower()) if field.kind == Kind.PERSON else None
    try:
        return clean_value(field, value, {member.email.lower(): member.email} if member else {})
    except ValueError as error:
        raise CellRefused(f"“{str(cell)[:60]}” does not fit. {error}") from None


def _text(cell):
    if isinstance(cell, dict):
        raise CellRefused("It is an object, and a text belongs there.")
    return ", ".join(map(str, cell)) if isinstance(cell, list) else str(cell)


READ = {
    Kind.TEXT: _text,
    Kind.CHOICE: lambda cell: " ".join(str(cell).split()),
    Kind.CHOICES: lambda cell: texts(cell) if isinstance(cell, list) else str(cell),
    Kind.DATE: day,
    Kind.CHECKBOX: yes,
}
"""How a file may say a value, where that is not how a person types it."""
