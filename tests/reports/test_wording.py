import time

import pytest

from apps.reports.remediation import remediation
from apps.reports.wording import brief, one_of, session_id, spell, success_rate


@pytest.mark.parametrize(
    ("ms", "run", "test"),
    [
        (None, None, None),
        (0, "0 ms", "0 ms"),
        (126, "126 ms", "126 ms"),
        (1_234, "1.2s", "1.2 s"),
        (9_999, "9.9s", "9.9 s"),
        (34_000, "34s", "34.0 s"),
        (59_999, "59s", "59.9 s"),
        (154_000, "2m 34s", "2m 34s"),
        (11_109_000, "3h 05m 09s", "3h 05m 09s"),
    ],
)
def test_times_read_as_people_say_them(ms, run, test):
    assert spell(ms) == run
    assert brief(ms) == test


def counts(passed=0, failed=0, error=0, skipped=0, blocked=0, pending=0):
    total = passed + failed + error + skipped + blocked + pending
    return {
        "passed": passed,
        "failed": failed,
        "error": error,
        "skipped": skipped,
        "blocked": blocked,
        "pending": pending,
        "total": total,
    }


@pytest.mark.parametrize(
    ("figures", "rate"),
    [
        ({}, None),
        ({"skipped": 5}, None),
        ({"pending": 5}, None),
        ({"skipped": 1, "pending": 5}, None),
        ({"passed": 1}, "100.0%"),
        ({"passed": 1, "skipped": 9}, "100.0%"),
        ({"passed": 22, "failed": 1}, "95.7%"),
        ({"passed": 22, "failed": 1, "skipped": 7}, "95.7%"),
        ({"passed": 2, "error": 1}, "66.7%"),
        ({"passed": 1, "pending": 1}, "50.0%"),
        ({"passed": 1, "blocked": 3}, "25.0%"),
        ({"failed": 3}, "0.0%"),
        ({"blocked": 3}, "0.0%"),
        ({"passed": 99_999, "failed": 1}, "99.9%"),
    ],
)
def test_the_success_rate_is_passed_of_what_was_not_skipped(figures, rate):
    assert success_rate(counts(**figures)) == rate


def test_a_session_is_named_for_its_runs():
    assert session_id("WEB", 45, 45) == "WEB-45"
    assert session_id("WEB", 45, 52) == "WEB-45..52"
    assert one_of(["ci", "ci"]) == "ci"
    assert one_of(["ci", "staging", "ci", None, ""]) == "ci, staging"
    assert one_of([None]) is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("dial tcp 127.0.0.1:5432: connect: connection refused", "connection refused"),
        ("psycopg.OperationalError: could not serialize access", "could not serialize access"),
        ("java.net.UnknownHostException: db", "UnknownHostException”"),
        ("requests.exceptions.SSLError: certificate verify failed", "certificate verify failed"),
        ("AssertionError: 2 != 3", "AssertionError"),
        ("expected 200 but got 404", "expected”"),
        ("ModuleNotFoundError: No module named 'x'", "ModuleNotFoundError"),
        ("bash: /x: Permission denied", "Permission denied"),
        ("open /x: no such file or directory", "no such file or directory"),
        ("java.lang.OutOfMemoryError: Java heap space", "OutOfMemoryError"),
        ("OSError: [Errno 28] No space left on device", "No space left on device"),
        ("TypeError: Cannot read properties of undefined", "Cannot read properties”"),
        ("'NoneType' object has no attribute 'x'", "'NoneType' object"),
        ("HTTP 429 from api", "HTTP 429"),
        ("stale element reference: gone", "stale element"),
        ("Timeout 30000ms exceeded waiting for locator", "waiting for locator"),
        ("TimeoutError: 30 s", "TimeoutError"),
        ("ERROR: deadlock detected", "deadlock”"),
        ("502 Bad Gateway", "Bad Gateway"),
        ("read: connection reset by peer", "connection reset"),
    ],
)
def test_a_rule_quotes_the_words_that_it_knows(error, words):
    advice = remediation(error)
    assert advice.startswith(f"“{words}")
    assert len(advice) < 240


def test_nothing_is_advised_where_no_rule_fits():
    assert remediation("the basket is green", "Unexpected end of line") is None


def test_the_message_is_asked_before_the_trace():
    assert remediation("timed out", "AssertionError").startswith("“timed out”")
    assert remediation("odd", "", "E  AssertionError: 1").startswith("“AssertionError”")


def test_a_hostile_text_is_searched_quickly():
    began = time.perf_counter()
    remediation("expected " * 2000, "x509: " + "a " * 2000)
    assert time.perf_counter() - began < 1
