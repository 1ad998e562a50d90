"""What test_clock says when it cannot stop the time; the example shows what it does when it can."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from testoqa.testing import EnsureDataError, clock, ensure_data

START = datetime(2026, 2, 3, 8, 1, 2, tzinfo=UTC)


def test_without_time_machine_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(clock, "find_spec", lambda name: None)
    with pytest.raises(EnsureDataError, match="pip install time-machine"), clock.stopped(START):
        pass


def test_a_wrong_instant_is_named():
    for text in ("yesterday", "2026-02-03T08:01:02"):
        with pytest.raises(EnsureDataError, match=f"ensure_data_now = {text}"):
            clock.instant(text)
    assert clock.instant(clock.START) == START


def test_r28_a_process_that_a_test_starts_can_read_the_instant(monkeypatch):
    monkeypatch.setenv(clock.VARIABLE, "before")
    with clock.stopped(START) as stopped:
        stopped.shift(hours=1)
        told = datetime.fromisoformat(os.environ[clock.VARIABLE])
        assert told == START + timedelta(hours=1)
    assert os.environ[clock.VARIABLE] == "before"


def test_r28_functions_are_recorded_at_the_instant_at_which_tests_begin(scratch):
    @ensure_data
    def notes():
        scratch.sql("INSERT INTO note VALUES (%s, 1)", datetime.now(UTC).isoformat())

    data = scratch.data(now=clock.START)
    data.begin(("notes",), "t")
    assert scratch.rows()["note"] == ["(2026-02-03T08:01:02+00:00,1)"]
    assert datetime.now(UTC) > START + timedelta(days=30)
