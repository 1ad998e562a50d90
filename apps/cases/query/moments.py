"""Ages and dates of a query: 7d, 12h, 2026-11-30, today."""

import re
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from .errors import QueryError

AGE = re.compile(r"(\d{1,4})(h|d|w|y)")
UNITS = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}
"""Hours."""
OLDEST = 1000
"""Years of an age."""
DAYS = {"today": 0, "yesterday": 1}


def read_moment(value, operator) -> timedelta | date:
    """How old, or which day. An age says whether it is the most or the least."""
    text = value.text.strip().lower()
    if found := AGE.fullmatch(text):
        if not operator:
            message = f"write <{text} for younger or >{text} for older."
            raise QueryError(message, value.at.start, value.at.end)
        age = timedelta(hours=int(found[1]) * UNITS[found[2]])
        if age > timedelta(hours=OLDEST * UNITS["y"]):
            message = f"an age is at most {OLDEST:,} years."
            raise QueryError(message, value.at.start, value.at.end)
        return age
    if text in DAYS:
        return timezone.localdate() - timedelta(days=DAYS[text])
    return read_date(value)


def read_date(value) -> date:
    try:
        found = date.fromisoformat(value.text.strip())
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 9000:
        raise QueryError(
            "write an age such as 7d (h, d, w, y), or a date such as 2026-11-30.",
            value.at.start,
            value.at.end,
        )
    return found


def bounds_of(moment, operator) -> tuple[datetime | None, datetime | None]:
    """(from, up to but without) of the times that a comparison means, in the reader's zone."""
    if isinstance(moment, timedelta):
        at = timezone.now() - moment
        return (at, None) if operator in ("<", "<=") else (None, at)
    begins, ends = _midnight(moment), _midnight(moment + timedelta(days=1))
    return {
        "": (begins, ends),
        "<": (None, begins),
        "<=": (None, ends),
        ">": (ends, None),
        ">=": (begins, None),
    }[operator]


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
