"""Estimates as people type them: 1h 30m, 45m, 90 (minutes), 1:30."""

import re

LONGEST = 1_000 * 3600
"""A thousand hours, in seconds."""
SENTENCE = "Write how long it takes, such as 1h 30m, 45m or 90 for minutes; at most 1000h."
UNITS = {"h": 3600, "m": 60, "s": 1}
PART = re.compile(
    r"([0-9]{1,7}(?:[.,][0-9]{1,3})?)\s*"
    r"(?:(h)(?:rs?|ours?)?|(m)(?:ins?|inutes?)?|(s)(?:ecs?|econds?)?)(?![a-z])"
)
"""An hour and a minute may be written out: 1 hour 30 minutes."""


def parse_estimate(text: str) -> int | None:
    """Seconds; None for an empty text. A number alone is minutes, 1:30 an hour and a half.

    Raises ValueError with a sentence.
    """
    text = text.strip().lower()
    if not text:
        return None
    seconds = _seconds(text)
    if seconds is None or seconds > LONGEST:
        raise ValueError(SENTENCE)
    return seconds


def _seconds(text):
    if re.fullmatch(r"[0-9]{1,7}([.,][0-9]{1,3})?", text):
        return round(_number(text) * 60)
    if clock := re.fullmatch(r"([0-9]{1,4}):([0-5][0-9])", text):
        return int(clock[1]) * 3600 + int(clock[2]) * 60
    parts = [(amount, "".join(unit)) for amount, *unit in PART.findall(text)]
    units = [unit for _, unit in parts]
    if PART.sub("", text).strip() or not units or len(units) != len(set(units)):
        return None
    return round(sum(_number(amount) * UNITS[unit] for amount, unit in parts))


def _number(text):
    return float(text.replace(",", "."))
