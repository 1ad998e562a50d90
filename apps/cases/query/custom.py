"""field.NAME: values of the fields that a project added to its cases."""

from functools import reduce
from operator import or_

from django.db.models import CharField, F, Func, JSONField, Q, Value
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
)

from ..models import CustomField
from .errors import QueryError, unknown
from .fields import NONE
from .moments import read_date

Kind = CustomField.Kind
COMPARE = {
    "": Exact,
    "<": LessThan,
    "<=": LessThanOrEqual,
    ">": GreaterThan,
    ">=": GreaterThanOrEqual,
}
YES, NO = ("yes", "true", "1", "on"), ("no", "false", "0", "off")


class Held(Func):
    """What Case.custom holds under a name, as JSON; the name is never read as a place."""

    function = "jsonb_extract_path"
    output_field = JSONField()

    def __init__(self, name):
        super().__init__(F("custom"), Value(name))


class HeldText(Held):
    """The same as text, empty where there is none: what is compared with NULL has no opposite."""

    function = "jsonb_extract_path_text"
    template = "coalesce(%(function)s(%(expressions)s), '')"
    output_field = CharField()


class HeldType(Func):
    """The kind of JSON that it is, empty where there is none."""

    function = "jsonb_typeof"
    template = "coalesce(%(function)s(%(expressions)s), '')"
    output_field = CharField()


def custom_condition(project, term) -> Q:
    field = _find(project, term.name)
    if term.operator and field.kind not in (Kind.NUMBER, Kind.DATE):
        raise QueryError(
            f"{field.name} is not compared with “{term.operator}”.", term.at.start, term.at.end
        )
    return reduce(or_, [_one(field, term.operator, value) for value in term.values])


def _find(project, name):
    fields = list(project.custom_fields.all())
    wanted = name.text.strip().lower()
    found = next((field for field in fields if field.name.lower() == wanted), None)
    if found is None:
        advice = "The project has no fields of its own." if not fields else ""
        said = unknown(
            "the project has no field “{}”.", name.text, [field.name for field in fields], advice
        )
        raise QueryError(said, name.at.start, name.at.end)
    return found


def _one(field, operator, value):
    if value.text.lower() == NONE and not value.is_quoted and not operator:
        return Q(Exact(HeldText(field.name), Value("")))
    find = {
        Kind.NUMBER: _number,
        Kind.DATE: _date,
        Kind.CHECKBOX: _checkbox,
        Kind.CHOICE: _choice,
        Kind.CHOICES: _choices,
        Kind.PERSON: _person,
    }.get(field.kind, _part)
    return find(field, operator, value)


def _number(field, operator, value):
    try:
        number = float(value.text)
        fits = abs(number) < 1e15
    except ValueError:
        fits = False
    if not fits:
        raise QueryError(f"{field.name} is a number; write one.", value.at.start, value.at.end)
    number = int(number) if number.is_integer() else number
    held = Held(field.name)
    compared = COMPARE[operator](held, Value(number, output_field=JSONField()))
    return Q(Exact(HeldType(held), Value("number"))) & Q(compared)


def _date(field, operator, value):
    day = read_date(value).isoformat()
    text = HeldText(field.name)
    return Q(GreaterThan(text, Value(""))) & Q(COMPARE[operator](text, Value(day)))


def _checkbox(field, operator, value):
    said = value.text.strip().lower()
    if said not in YES + NO:
        raise QueryError(f"{field.name} is a check box: yes or no.", value.at.start, value.at.end)
    ticked = Q(Exact(HeldText(field.name), Value("true")))
    return ticked if said in YES else ~ticked


def _option(field, value):
    wanted = value.text.strip().lower()
    options = [str(option) for option in field.options]
    found = next((option for option in options if option.lower() == wanted), None)
    if found is None:
        advice = f"It is one of {', '.join(options[:10])}." if options else ""
        said = unknown(f"{field.name} is never “{{}}”.", value.text, options, advice)
        raise QueryError(said, value.at.start, value.at.end)
    return found


def _choice(field, operator, value):
    return Q(custom__contains={field.name: _option(field, value)})


def _choices(field, operator, value):
    return Q(custom__contains={field.name: [_option(field, value)]})


def _person(field, operator, value):
    """By a part of the address; by the beginning of one that is written up to its @ and further."""
    text = value.text.strip()
    find = IStartsWith if text.find("@") > 0 else IContains
    return Q(find(HeldText(field.name), Value(text)))


def _part(field, operator, value):
    return Q(IContains(HeldText(field.name), Value(value.text.strip())))
