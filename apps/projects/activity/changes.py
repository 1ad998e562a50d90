"""Before and after of a row, for people."""

from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import Truncator

from ..models import Activity

LONGEST = 60
"""Characters of a value; the API and the exports have more of it."""
MOST = 8
"""Fields of a row."""


def changes_of(row: Activity) -> list[dict[str, str]]:
    """[{"field", "before", "after"}]; an empty text is a side that the verb did not name."""
    names = list(dict.fromkeys([*row.before, *row.after]))
    return [
        {
            "field": name.replace("_", " ")[:LONGEST],
            "before": _side(row.before, name),
            "after": _side(row.after, name),
        }
        for name in names[:MOST]
    ]


def _side(fields: dict[str, Any], name: str) -> str:
    return Truncator(in_words(fields[name])).chars(LONGEST) if name in fields else ""


def in_words(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(in_words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {in_words(inner)}" for name, inner in value.items())
    if isinstance(value, str) and (moment := _moment(value)):
        return date_format(timezone.localtime(moment), "j M Y, H:i")
    return str(value)


def _moment(text: str) -> Any:
    """What the trail wrote as a time, which the reader sees in their zone."""
    if len(text) < 20 or text[4] != "-" or text[10] != "T":
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None
