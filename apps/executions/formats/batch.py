"""Results as JSON: one item checked field by field."""

import json
import re
from datetime import datetime

from apps.artifacts.reading.text import UNSTORABLE, Text, visible
from apps.executions.identity import canonical_json, key_prefix, split_variant

from . import dialect
from .results import STATUSES, USUAL, ItemRefused, Limits, Reading, Result

FIELDS = (
    "name", "suite", "case", "status", "duration_ms", "started_at", "message", "trace", "output",
    "parameters", "attempt", "properties",
)  # fmt: skip
KNOWN = frozenset(FIELDS)
PARAMETERS_LENGTH = 64 << 10
LONGEST_MS = int(dialect.LONGEST) * 1000


def parse_batch_item(
    item: object, index: int, reading: Reading | None = None, limits: Limits = USUAL
) -> Result:
    """One result of a batch. Raises ItemRefused with the field and what it has to be.

    Fields: name (required), suite, case (`WEB-12`), status (required; passed, failed, error,
    skipped, blocked), duration_ms (whole number), started_at (ISO 8601; without a zone it is UTC),
    message, trace, output, parameters (object), attempt (from 1), properties (object of texts).
    A field that is null counts as absent.
    """
    if not isinstance(item, dict):
        raise ItemRefused(f"a result has to be an object, and this is {_kind(item)}")
    reading = Reading() if reading is None else reading
    if not KNOWN.issuperset(item):
        names = ", ".join(sorted(name[:80] for name in item if name not in KNOWN)[:5])
        raise ItemRefused(f"unknown field {names}; the fields are {', '.join(FIELDS)}")
    item = {
        field: value if type(value) is int else _storable(value, reading, limits.item_depth - 1)
        for field, value in item.items()
        if value is not None
    }
    name, suite = _text(item, "name"), _text(item, "suite")
    if not name.strip():
        raise ItemRefused("name is required and may not be blank")
    stem, bracket = split_variant(name)
    status = _status(item)
    result = Result(
        name=name,
        stem=stem,
        key=key_prefix(suite) + stem,
        bracket=bracket,
        suite_path=dialect.split_owner(suite or name.rpartition("::")[0]),
        duration_ms=_whole_number(item, "duration_ms", 0, LONGEST_MS),
        started_at=_moment(item, reading),
        index=index,
        line=None,
    )
    result.status = status
    result.parameters = _parameters(item)
    result.properties = _properties(item, limits)
    result.attempt = _whole_number(item, "attempt", 1, 9999)
    result.case = _case(item)
    for field in ("message", "trace", "output"):
        setattr(result, field, _long_text(item, field, reading, limits))
    return result


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")


def _refuse_kind(field: str, wanted: str, value: object) -> None:
    raise ItemRefused(f"{field} has to be {wanted}, and this is {_kind(value)}")


def _storable(value: object, reading: Reading, depth: int) -> object:
    """The same value with characters that the database takes; each replacement is counted."""
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        value, replaced = UNSTORABLE.subn(visible, value)
        reading.repaired += replaced
        return value
    if isinstance(value, (dict, list)) and depth == 0:
        raise ItemRefused("the result is nested too deep")
    if isinstance(value, dict):
        return {
            _storable(key, reading, depth): _storable(entry, reading, depth - 1)
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [_storable(entry, reading, depth - 1) for entry in value]
    return value


def _text(item: dict, field: str) -> str:
    value = item.get(field, "")
    if not isinstance(value, str):
        _refuse_kind(field, "a text", value)
    return value


def _long_text(item: dict, field: str, reading: Reading, limits: Limits) -> str:
    given = _text(item, field)
    if len(given) <= limits.text:
        return given
    text = Text(limits.text)
    text.add(given)
    whole = text.whole()
    if text.cut:
        reading.texts_cut += 1
        reading.warn("texts cut", f"“{item['name'][:200]}”: {text.told_cut(field)}.")
    return whole


def _status(item: dict) -> str:
    status = item.get("status")
    if status is None:
        raise ItemRefused(f"status is required: one of {', '.join(STATUSES)}")
    if status not in STATUSES:
        raise ItemRefused(
            f"status is {str(status)[:40]!r} and has to be one of {', '.join(STATUSES)}"
        )
    return status


def _whole_number(item: dict, field: str, least: int, most: int) -> int | None:
    value = item.get(field)
    if value is None:
        return None
    if type(value) is not int:
        wanted = "a whole number"
        if isinstance(value, float):
            raise ItemRefused(f"{field} has to be {wanted}, and this is {value}")
        _refuse_kind(field, wanted, value)
    if not least <= value <= most:
        raise ItemRefused(f"{field} has to be between {least} and {most}, and this is {value}")
    return value


def _moment(item: dict, reading: Reading) -> datetime | None:
    value = item.get("started_at")
    if value is None:
        return None
    if not isinstance(value, str):
        _refuse_kind("started_at", "an ISO 8601 time", value)
    try:
        if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value):
            raise ValueError(value)
        return reading.believed(dialect.moment(value))
    except (ValueError, TypeError, IndexError) as error:
        raise ItemRefused(
            f"started_at is {value[:40]!r} and has to be an ISO 8601 time as 2026-11-21T08:30:00Z"
        ) from error


def _parameters(item: dict) -> dict | None:
    value = item.get("parameters")
    if value is None:
        return None
    if not isinstance(value, dict):
        _refuse_kind("parameters", "an object", value)
    try:
        length = len(canonical_json(value))
    except ValueError as error:
        raise ItemRefused("parameters hold a number that JSON does not know") from error
    if length > PARAMETERS_LENGTH:
        raise ItemRefused(
            f"parameters are {length:,} characters of JSON; {PARAMETERS_LENGTH:,} are the most"
        )
    return value


def _properties(item: dict, limits: Limits) -> dict[str, str]:
    value = item.get("properties", {})
    if not isinstance(value, dict):
        _refuse_kind("properties", "an object of texts", value)
    if len(value) > limits.properties:
        raise ItemRefused(f"properties has more than {limits.properties:,} entries")
    for name, entry in value.items():
        if not isinstance(entry, str):
            _refuse_kind(f"properties.{name[:80]}", "a text", entry)
        if len(name) + len(entry) > limits.property_text:
            raise ItemRefused(f"properties.{name[:80]} is too long")
    return value


def _case(item: dict) -> str | None:
    value = item.get("case")
    if value is None:
        return None
    if not isinstance(value, str):
        _refuse_kind("case", "a case's key as WEB-12", value)
    if not dialect.CASE_KEY.fullmatch(value.strip()):
        raise ItemRefused(f"case is {value[:40]!r} and has to be a case's key as WEB-12")
    return value.strip()


def load_lenient(text: bytes) -> object:
    """JSON with lone surrogates, which some writers escape; raises ValueError for anything else."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    return json.loads(text.decode("utf-8", "surrogatepass"), parse_constant=refuse)
