from functools import reduce
from operator import or_

from django.db.models import BooleanField, F, Func, Q, Value


class RequirementsLike(Func):
    """Whether the name or the address of one of a case's requirements is like a pattern."""

    arity = 2
    arg_joiner = ", "
    template = (
        "(SELECT coalesce(bool_or(concat_ws(' ', one->>'name', one->>'url') ILIKE wanted.pattern), "
        "false) FROM (VALUES (%(expressions)s)) AS wanted (requirements, pattern), "
        "jsonb_array_elements(wanted.requirements) AS one)"
    )
    output_field = BooleanField()


def in_requirements(values) -> Q:
    found = [Q(RequirementsLike(F("requirements"), Value(_pattern(value)))) for value in values]
    return ~Q(requirements=[]) & reduce(or_, found)


def _pattern(value):
    escaped = value.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
