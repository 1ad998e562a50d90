"""Values of custom fields that many cases shall have, by the rules of one case."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..custom_fields import ValuesRefused, clean_value, members_at, share_fields
from ..models import BulkItem, CustomField
from ..restoring import fits
from .deciding import Fits


def checked_values(project, values: Mapping[str, Any]) -> dict[str, Any]:
    """{name: value as it is kept}; None takes the value away, and a required one stays.

    Raises ValuesRefused for unknown names and for values that do not fit.
    """
    fields = {field.name: field for field in project.custom_fields.all()}
    people = members_at(project, _people(fields, values))
    errors, cleaned = {}, {}
    for name, value in values.items():
        if name not in fields:
            errors[name] = f"{project.key} has no custom field of this name."
            continue
        try:
            cleaned[name] = clean_value(fields[name], value, people)
        except ValueError as error:
            errors[name] = str(error)
            continue
        if cleaned[name] is None and fields[name].required:
            errors[name] = "This field is required, so its value cannot be taken away."
    if errors:
        raise ValuesRefused(errors)
    return cleaned


def former_fits(project, items: Iterable[BulkItem]) -> Fits:
    """What `undoing_of` asks: whether a field is there by this name, and takes the value again.

    Where values are put back, the definitions are kept until the transaction ends.
    """
    former = [item.before["custom"] for item in items if "custom" in (item.before or {})]
    if not former:
        return lambda name, value: True
    share_fields(project)
    fields = {field.name: field for field in project.custom_fields.all()}
    people = members_at(project, {who for values in former for who in _people(fields, values)})

    def answer(name, value):
        return name in fields and (value is None or fits(fields[name], value, people))

    return answer


def _people(fields, values):
    return [
        value.strip().lower()
        for name, value in values.items()
        if name in fields
        and fields[name].kind == CustomField.Kind.PERSON
        and isinstance(value, str)
    ]
