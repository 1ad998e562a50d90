"""Estimates as people and tools write them: 1h 30m, 45m, 2d, 90 (minutes), 1:30."""

import re

LONGEST = 1_000 * 3600
"""A thousand hours, in seconds."""
SENTENCE = "Write how long it takes, such as 1h 30m, 45m or 90 for minutes; at most 1000h."
HOURS_OF_A_DAY = 8
"""Of work, as tools that write an estimate in days mean it."""
UNITS = {"d": HOURS_OF_A_DAY * 3600, "h": 3600, "m": 60, "s": 1}
NUMBER = re.compile(r"[0-9]{1,7}(?:[.,][0-9]{1,3})?")
CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?")
PART = re.compile(
    rf"({NUMBER.pattern})\s*"
    r"(?:(d)(?:ays?)?|(h)(?:rs?|ours?)?|(m)(?:ins?|inutes?)?|(s)(?:ecs?|econds?)?)(?![a-z])"
)
"""An hour and a minute may be written out: 1 hour 30 minutes."""


def parse_estimate(text: str, unit: str = "m") -> int | None:
    """Seconds; None for an empty text. A number alone counts `unit`s, 1:30 is an hour and a half.

    Raises ValueError with a sentence.
    """
    text = text.strip().lower()
    if not text:
        return None
    seconds = _seconds(text, UNITS[unit])
    if seconds is None or seconds > LONGEST:
        raise ValueError(SENTENCE)
    return seconds


def _seconds(text, of_a_number):
    if NUMBER.fullmatch(text):
        return round(_number(text) * of_a_number)
    if clock := CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    parts = [(amount, "".join(unit)) for amount, *unit in PART.findall(text)]
    units = [unit for _, unit in parts]
    if PART.sub("", text).strip() or not units or len(units) != len(set(units)):
        return None
    return round(sum(_number(amount) * UNITS[unit] for amount, unit in parts))


def _number(text):
    return float(text.replace(",", "."))
