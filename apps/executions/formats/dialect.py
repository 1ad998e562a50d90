"""How the many writers of JUnit XML say the same things: times, verdicts, suites, retries."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

FAILED, ERROR, SKIPPED, RERUN = "failed", "error", "skipped", "rerun"

# Elements of a test that tell its verdict; PHPUnit's warning fails the run as a failure does.
FINDINGS = {
    "failure": FAILED, "error": ERROR, "skipped": SKIPPED, "warning": FAILED,
    "ignored": SKIPPED, "disabled": SKIPPED, "incomplete": SKIPPED, "pending": SKIPPED,
}  # fmt: skip
# Elements that tell an earlier try (flaky…) or a later one (rerun…) of a test.
TRIES = {
    "flakyFailure": FAILED, "flakyError": ERROR, "rerunFailure": FAILED, "rerunError": ERROR,
}  # fmt: skip
OUTPUTS = {"system-out", "system-err", "stackTrace"}

# A test without any finding may still carry its verdict as an attribute: googletest, ctest, behave.
STATUS_WORDS = {
    "notrun": "skipped", "disabled": "skipped", "suppressed": "skipped", "skipped": "skipped",
    "skip": "skipped", "ignored": "skipped", "pending": "skipped", "inconclusive": "skipped",
    "fail": "failed", "failed": "failed", "failure": "failed", "error": "error",
    "errored": "error", "broken": "error", "blocked": "blocked",
}  # fmt: skip

LONGEST = 366 * 24 * 3600.0  # seconds; a longer time is a mistake
THOUSANDS = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
DECIMAL_COMMA = re.compile(r"(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+")
CLOCK = re.compile(r"(\d+):(\d{1,2}):(\d{1,2}(?:\.\d+)?)")
UNITS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "seconds": 1.0}
UNIT = re.compile(r"([\d.,]+)\s*([a-z]+)")
EPOCH = datetime(1970, 1, 2, tzinfo=UTC)
FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # clocks of other machines, and zones that are not told


def milliseconds(text: str) -> int | None:
    """A time in seconds as whole milliseconds; None for what is no time, ValueError never.

    `2,503.1` and `2,503` have a comma before each three digits (surefire); in `2,5` and `0,123`
    it is the decimal sign. `00:01:02.5`, `150ms` and `1.5s` are times too. A negative or endless
    time, and one of more than a year, is none.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds(text.strip().lower())
    if seconds is None or not 0.0 <= seconds <= LONGEST:
        return None
    return int(seconds * 1000.0 + 0.5)


def _seconds(text: str) -> float | None:
    if THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    clock = CLOCK.fullmatch(text)
    if clock:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    unit = UNIT.fullmatch(text)
    if unit and unit[2] in UNITS:
        number = milliseconds(unit[1])
        return None if number is None else number * UNITS[unit[2]] / 1000
    return None


@lru_cache(maxsize=1024)
def moment(text: str) -> datetime | None:
    """A timestamp as an aware time in UTC; one without a zone is taken as UTC, the epoch as none.

    Raises ValueError for what is no timestamp.
    """
    text = text.strip().removesuffix(" UTC")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = parsedate_to_datetime(text)
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
    # Writers that know no time write the epoch (jest, googletest, nose2).
    return found if abs(found - EPOCH) > timedelta(days=2) else None


def is_believable(moment: datetime) -> bool:
    """Whether a test may have begun then: not before 1970, nor more than a day from now."""
    return FIRST_DAY <= moment <= datetime.now(UTC) + AHEAD


STRUCTURED = re.compile(r"[^\s./\\:]+(?:(?:\.|::|\\|/)[^\s./\\:]+)+")
FILE_NAME = re.compile(
    r".*\.(?:[cm]?[jt]sx?|py|rb|php|go|rs|feature|robot|bats|cs|java|kt|swift|cpp|cc|c|sh|t|dll|exe"
    r"|html?|ya?ml|json)"
)
# The path of PHPUnit's configuration stands as the outermost suite.
CONFIGURATION_FILE = re.compile(r"(?:/|[A-Za-z]:\\).*\.(?:xml|dist)")


@lru_cache(maxsize=4096)
def split_owner(owner: str) -> tuple[str, ...]:
    """A class, module or file name as the path of suites it stands for, outermost first."""
    owner = owner.strip()
    for separator in (" / ", " › ", " > "):
        if separator in owner:
            return _parts(owner, separator)
    if any(character.isspace() for character in owner):
        return (owner,) if owner else ()
    for separator in ("::", "/", "\\"):
        if separator in owner:
            return _parts(owner, separator)
    if FILE_NAME.fullmatch(owner):
        return (owner,)
    return _parts(owner, ".")


def _parts(owner: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in owner.split(separator) if part.strip(" ."))


@lru_cache(maxsize=4096)
def suites_of(names: tuple[str, ...], classname: str) -> tuple[str, ...]:
    """The suites in which a test belongs, from the suites around it and its class name.

    Nested suites are the file's own structure. A single suite is one only where the class name
    says no more: surefire's `shop.CartTest` and pytest's `pytest` hold the structure in the class.
    """
    names = tuple(name for name in names if name and not CONFIGURATION_FILE.fullmatch(name))
    if len(names) > 1 or not classname:
        return names if len(names) > 1 else split_owner("".join(names))
    name = "".join(names)
    if not name or STRUCTURED.fullmatch(classname) or name == classname:
        return split_owner(classname)
    if name.startswith(classname) and not name[len(classname)].isalnum():
        return split_owner(classname)  # unittest-xml-reporting adds the time of the run
    if name in GENERIC:
        return split_owner(classname)
    return split_owner(name)


# What runners call their only suite.
GENERIC = {
    "pytest", "rspec", "minitest", "nosetests", "nose2-junit", "unittest", "xunit", "(empty)",
    "Mocha Tests", "jest tests", "vitest tests", "AllTests", "default", "tests",
}  # fmt: skip

CASE_KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}-[1-9]\d{0,9}")
CASE_NAMES = ("case", "testoqa_case")
RETRY_NAMES = {"retry", "rerun", "retry_index", "retryindex", "is_retry", "isretry"}
ATTEMPT_NAMES = {"attempt", "attempt_number", "attemptnumber"}


def retry_sign(attributes: dict[str, str]) -> tuple[bool, int | None]:
    """Whether attributes or properties say that a test was tried before, and which try this is.

    `retry=1` is the second try, `attempt=2` too; `retries` tells a total and is no sign.
    """
    for name, value in attributes.items():
        name, value = name.lower(), value.strip().lower()
        if name in ATTEMPT_NAMES and value.isdecimal() and 1 <= int(value) <= 9999:
            return int(value) > 1, int(value)
        if name in RETRY_NAMES:
            if value == "true":
                return True, None
            if value.isdecimal() and int(value) <= 9999:
                return int(value) > 0, int(value) + 1
    return False, None


def case_named(properties: dict[str, str]) -> str | None:
    """The case that a property names, as in `case` = `WEB-12`."""
    for name in CASE_NAMES:
        if CASE_KEY.fullmatch(properties.get(name, "")):
            return properties[name]
    return None
