"""The clock of a test stands still at one known instant until the test moves it.

Python's time is that of time-machine, an extra. Django's Now() takes the same time, in every thread
of this process; what SQL of one's own asks the database for (now(), a column's default) stays real.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from testoqa.testing.registry import EnsureDataError

START = "2026-02-03T08:01:02Z"
VARIABLE = "ENSURE_DATA_NOW"
"""Tells the instant to processes that a test starts."""


class TestClock:
    """test_clock: read it, move it, or let it advance at each reading."""

    __test__ = False

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller
        self._step = timedelta()
        self._tell()

    @property
    def now(self) -> datetime:
        return datetime.now(timezone.get_default_timezone())

    def shift(self, duration: timedelta | None = None, **parts: float) -> None:
        """Move by a duration: shift(hours=2), shift(days=-1)."""
        self._traveller.shift((duration or timedelta()) + timedelta(**parts))
        self._tell()

    def move_to(self, instant: datetime) -> None:
        self._traveller.move_to(instant)
        self._tell()

    def ticker(self, milliseconds: float) -> None:
        """From here on each timezone.now() is this much later than the one before; 0 stops it."""
        self._step = timedelta(milliseconds=milliseconds)

    def tick(self) -> None:
        if self._step:
            self.shift(self._step)

    def _tell(self) -> None:
        os.environ[VARIABLE] = self.now.isoformat()


def available() -> bool:
    return find_spec("time_machine") is not None


def instant(text: str) -> datetime:
    """The instant that the ini name ensure_data_now gives."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise EnsureDataError(
            f"ensure_data_now = {text}: write an instant such as {START}, or real."
        ) from error
    if found.tzinfo is None:
        raise EnsureDataError(f"ensure_data_now = {text}: add a time zone, such as {text}Z.")
    return found


def require_time_zone(name: str) -> None:
    """Skip the test that runs where the settings have another time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise EnsureDataError(
            f"require_time_zone({name!r}): no time zone has this name. Write one of the tz "
            "database, such as Europe/Vienna."
        ) from error
    if name != settings.TIME_ZONE:
        pytest.skip(f"needs TIME_ZONE = {name}; the settings say {settings.TIME_ZONE}")


@contextmanager
def stopped(at: datetime) -> Iterator[TestClock]:
    """Let the clock stand at this instant; raises when time-machine is missing."""
    if not available():
        raise EnsureDataError(
            "test_clock needs time-machine, which is not installed: pip install time-machine"
        )
    import time_machine

    before = os.environ.get(VARIABLE)
    travel = time_machine.travel(at, tick=False)
    clock = TestClock(travel.start())
    try:
        with _django_reads(clock):
            yield clock
    finally:
        travel.stop()
        os.environ.pop(VARIABLE, None)
        if before is not None:
            os.environ[VARIABLE] = before


@contextmanager
def _django_reads(clock: TestClock) -> Iterator[None]:
    """Let timezone.now(), however it was imported, and Now() of queries read this clock."""

    class Ticking(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            clock.tick()
            return datetime.now(tz)

    def as_postgresql(self: Now, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list]:
        return "%s::timestamptz", [timezone.now()]

    django_timezone: Any = timezone
    django_now: Any = Now
    before = django_timezone.datetime, django_now.as_postgresql
    django_timezone.datetime, django_now.as_postgresql = Ticking, as_postgresql
    try:
        yield
    finally:
        django_timezone.datetime, django_now.as_postgresql = before
