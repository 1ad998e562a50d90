"""Values of custom fields that many cases shall have, by the rules of one case."""

from collections.abc import Mapping
from typing import Any

from ..custom_fields import ValuesRefused, clean_value, members_at
from ..models import CustomField


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


def _people(fields, values):
    return [
        value.strip().lower()
        for name, value in values.items()
        if name in fields
        and fields[name].kind == CustomField.Kind.PERSON
        and isinstance(value, str)
    ]
