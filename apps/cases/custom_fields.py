"""Values of the fields that a project adds to its cases: the one place where they are cleaned."""

import datetime as dt
import re

from django.db import connection
from django.db.models.functions import Lower

from apps.projects.markdown import is_followed
from apps.projects.refusals import Unprocessable

from .content import value_text
from .formats.several import parted
from .models import CustomField

NAME_TAKEN = "The project has a field of this name already."
MOST_FIELDS = 60
"""Of a project."""
LONGEST_TEXT, LONGEST_ADDRESS = 20_000, 2_000
LARGEST_NUMBER = 10**15
YES = {"yes", "true", "on", "1", "x"}
NO = {"no", "false", "off", "0"}
Kind = CustomField.Kind

HOLDERS = """
SELECT held.name, count(*) FROM cases_case, LATERAL jsonb_object_keys(custom) AS held (name)
WHERE project_id = %s AND custom <> '{}' GROUP BY held.name
"""


class ValuesRefused(Unprocessable):
    """Values that do not fit the fields; `errors` is {name of the field: sentence}."""

    def __init__(self, errors):
        sentence = " ".join(f"{name}: {text}" for name, text in errors.items())
        super().__init__(sentence, field="custom", code="invalid_values")
        self.errors = errors


def clean_custom(project, values, *, before=None) -> dict:
    """All custom values of a case, as they are kept, from {name: value} as people or files say it.

    `before` are those that the case has, or None for a new one, which begins with the defaults of
    the fields that `values` does not name. A value that stays as it was is not asked again, so
    somebody who left stays named. Raises ValuesRefused for unknown names, for values that do not
    fit, and where a required one is missing. Costs a query, and one more where people are named.
    """
    fields = list(project.custom_fields.all())
    errors = _unknown(project, fields, values)
    given = values if errors == {} else {}
    said = _defaults(fields, given) | given if before is None else given
    former = before or {}
    people = _members(project, fields, said, former)
    cleaned = {}
    for field in fields:
        value = said.get(field.name)
        if field.name not in former or value != former[field.name]:
            try:
                value = clean_value(field, value, people)
            except ValueError as error:
                # A default may have come to fit no more, as when somebody left.
                if field.name in given:
                    errors[field.name] = str(error)
                    continue
                value = None
        if value is not None:
            cleaned[field.name] = value
        elif field.required:
            errors[field.name] = "This field is required; fill it in."
    if errors:
        raise ValuesRefused(errors)
    return cleaned


def clean_value(field, value, people=None):
    """One value as it is kept, None for none. Raises ValueError with a sentence.

    `people` are {address in lower case: address} of the members asked for.
    """
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").strip()
        if "\0" in value:
            raise ValueError("NUL characters cannot be stored.")
    if value is None or value in ("", []):
        return None
    if field.kind == Kind.PERSON:
        return _person(field, value, people or {})
    return CLEANERS[field.kind](field, value)


def shown_values(project, values) -> list[dict]:
    """[{"name", "text", "url"}] in the order of the project's fields, former ones last."""
    if not values:
        return []
    kinds = dict(project.custom_fields.values_list("name", "kind"))
    names = [*(name for name in kinds if name in values), *sorted(values.keys() - kinds.keys())]
    return [
        {
            "name": name,
            "text": value_text(values[name]),
            "url": values[name] if kinds.get(name) == Kind.URL else "",
        }
        for name in names
    ]


def is_name_taken(project, name, *, but=None) -> bool:
    """Whether another field than the one with this id is called so, whatever the case."""
    return project.custom_fields.filter(name__iexact=name).exclude(pk=but).exists()


def held_values(project) -> dict[str, int]:
    """{name of a field: how many cases hold a value of it}, archived ones included."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, [project.pk])
        return dict(cursor.fetchall())


def share_fields(project) -> None:
    """Keep the definitions as they are until the transaction ends; others who share go on.

    For who writes values: before the rows of the cases, as `hold_fields` does.
    """
    _take("pg_advisory_xact_lock_shared", project)


def hold_fields(project) -> None:
    """Wait for all who write values, and keep others from it: for who changes a definition."""
    _take("pg_advisory_xact_lock", project)


def _take(lock, project):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [f"fields of {project.pk}"])


def _unknown(project, fields, values):
    if not isinstance(values, dict):
        return {"custom": "Send an object: the name of each field with its value."}
    known = {field.name for field in fields}
    names = ", ".join(field.name for field in fields)
    there = f"it has {names}." if names else "it has none."
    return {
        str(name): f"{project.key} has no custom field of this name; {there}"
        for name in values
        if name not in known
    }


def _defaults(fields, given):
    return {
        field.name: field.default
        for field in fields
        if field.default is not None and field.name not in given
    }


def _members(project, fields, said, former):
    """{address in lower case: address} of the members among the people named anew."""
    named = {
        str(said[field.name]).strip().lower()
        for field in fields
        if field.kind == Kind.PERSON
        and said.get(field.name)
        and said[field.name] != former.get(field.name)
    }
    return members_at(project, named) if named else {}


def members_at(project, addresses) -> dict[str, str]:
    """{address in lower case: address} of those among these that are members' own."""
    rows = project.memberships.of_people().annotate(lower=Lower("user__email"))
    usable = [address.lower() for address in addresses if "\0" not in address]
    return dict(rows.filter(lower__in=usable).values_list("lower", "user__email"))


def _text(field, value):
    if not isinstance(value, str):
        raise ValueError("Write a text.")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"Write at most {LONGEST_TEXT:,} characters.")
    return value


def _number(field, value):
    sentence = "Write a number, such as 3 or 2.5."
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(sentence)
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]{1,30}([.,][0-9]{1,30})?", value):
        raise ValueError(sentence)
    number = float(value.replace(",", ".")) if isinstance(value, str) else value
    if not abs(number) <= LARGEST_NUMBER:  # which NaN is not
        raise ValueError(f"Write a number up to {LARGEST_NUMBER:,}.")
    return int(number) if number == int(number) else number


def _choice(field, value):
    found = _option(field, value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"Choose one of {', '.join(field.options)}.")
    return found


def _choices(field, value):
    if isinstance(value, str):
        whole = _option(field, value)
        value = [whole] if whole else [part for part in parted(value) if part.strip()]
    if not isinstance(value, list):
        raise ValueError("Send a list of what is chosen.")
    chosen = {_option(field, one) if isinstance(one, str) else None for one in value}
    if None in chosen:
        raise ValueError(f"Choose from {', '.join(field.options)}.")
    return [option for option in field.options if option in chosen] or None


def _option(field, text):
    """The option as it is defined, whatever the case of its letters in the text."""
    text = " ".join(text.split())
    if text in field.options:
        return text
    return next((one for one in field.options if one.casefold() == text.casefold()), None)


def _date(field, value):
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value[:10]) if len(value) >= 10 else None
        except ValueError:
            value = None
    if not isinstance(value, dt.date):
        raise ValueError("Write a date as year, month and day: 2026-11-30.")
    return value.isoformat()


def _url(field, value):
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS or not is_followed(value):
        raise ValueError("Write an address that begins with http://, https:// or mailto:.")
    return value


def _checkbox(field, value):
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        word = str(value).casefold()
        value = True if word in YES else False if word in NO else None
    if not isinstance(value, bool):
        raise ValueError("Say true or false.")
    return True if value else None  # one that is not ticked is not kept


def _person(field, value, people):
    found = people.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"No member of the project has the address {str(value)[:254]}.")
    return found


CLEANERS = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.DATE: _date,
    Kind.URL: _url,
    Kind.CHECKBOX: _checkbox,
}
