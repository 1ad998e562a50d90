"""The testsuite elements of JUnit XML: names, claims, and what belongs to no test case."""

from datetime import datetime
from typing import Self

from apps.artifacts.reading.text import Text, first_line

from . import dialect
from .results import FileRefused, Limits, Reading

CLAIMS = ("tests", "failures", "errors", "skipped", "skip", "disabled")


class Suite:
    """An open testsuite element: what it claims, and what it was seen to hold."""

    __slots__ = ("claims", "direct", "name", "outer", "own_errors", "path", "started_at", "total")

    def __init__(
        self,
        name: str,
        path: tuple[str, ...],
        claims: dict[str, str],
        started_at: datetime | None,
        outer: Self | None,
    ):
        self.name, self.path, self.claims, self.started_at = name, path, claims, started_at
        self.outer = outer
        self.direct = [0, 0, 0, 0]  # test cases, failures, errors, skipped
        self.total = [0, 0, 0, 0]
        self.own_errors = 0


class Capture(Text):
    """An open element and the text in it, which is kept."""

    __slots__ = ("attributes", "depth", "inner", "outer", "tag")

    def __init__(
        self, tag: str, attributes: dict[str, str], depth: int, limit: int, outer: Self | None
    ):
        super().__init__(limit)
        self.tag, self.attributes, self.depth, self.outer = tag, attributes, depth, outer
        self.inner: dict[str, str] = {}


def open_suite(
    attributes: dict[str, str],
    outer: Suite | None,
    started_at: datetime | None,
    place: str,
    limits: Limits,
) -> Suite:
    """The suite that begins with these attributes, within the one around it."""
    name = attributes.get("name", "").strip()
    if len(name) > limits.suite_name:
        raise FileRefused(
            f"{place}: a suite's name is {len(name):,} characters long; {limits.suite_name:,} are "
            "the most. Correct what writes the file and send it again."
        )
    path = outer.path if outer else ()
    package = attributes.get("package", "").strip()
    if package and name and not name.startswith(package) and not any(package in p for p in path):
        # Ant's aggregated report keeps the package apart from the class.
        name = f"{package}.{name}"
    claims = {claim: attributes[claim] for claim in CLAIMS if claim in attributes}
    return Suite(name, (*path, name) if name else path, claims, started_at, outer)


def close_suite(suite: Suite, filename: str, reading: Reading) -> None:
    """Add up, and compare with what the suite claims of itself."""
    for position, count in enumerate(suite.direct):
        suite.total[position] += count
    differences = _differences(suite)
    if differences:
        reading.warn(
            "suites whose counts disagree",
            f"{_label(suite, filename)} says {', '.join(differences)}.",
        )
    outer = suite.outer
    if outer is not None:
        outer.own_errors += suite.own_errors
        for position, count in enumerate(suite.total):
            outer.total[position] += count


def _differences(suite: Suite) -> list[str]:
    """Counts are of elements; where the file's own attributes disagree, both are said.

    Some writers count the suites within a suite and some do not, so either is agreement.
    """
    found = []
    disabled = _number(suite.claims.get("disabled"))
    for position, claim in enumerate(("tests", "failures", "errors", "skipped")):
        claimed = _number(suite.claims.get(claim))
        if claimed is None and claim == "skipped":
            claimed = _number(suite.claims.get("skip"))
        if claimed is None:
            continue
        seen = {suite.direct[position], suite.total[position]}
        if claim in ("failures", "errors"):
            seen |= {count + suite.own_errors for count in seen}
        fits = claimed in seen or (claim == "skipped" and claimed + (disabled or 0) in seen)
        if not fits:
            found.append(f"{claim}={claimed} and holds {suite.total[position]}")
    return found


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _label(suite: Suite, filename: str) -> str:
    return f"Suite “{suite.name[:200]}” of {filename}" if suite.name else filename


def note_capture(capture: Capture, suite: Suite, filename: str, reading: Reading) -> None:
    """An error or an output that stands in a suite belongs to no test case: say so."""
    text = capture.whole().strip()
    if capture.tag in ("error", "failure"):
        suite.own_errors += 1
        reading.suite_errors += 1
        message = capture.attributes.get("message", "").strip() or first_line(text)
        reading.warn(
            "errors of suites",
            f"{_label(suite, filename)} has “{capture.tag}” outside of any test case: "
            f"{message[:1000] or 'without a message'}",
        )
    elif text:
        size = len(text) + capture.cut
        reading.warn(
            "output of suites",
            f"{_label(suite, filename)} has output of its own ({size:,} characters), which "
            "belongs to no test case and is not kept.",
        )


def started(attributes: dict[str, str], otherwise: datetime | None, place: str, reading: Reading):
    """The time an element names, or that of the suite around it."""
    text = attributes.get("timestamp", "")
    if not text:
        return otherwise
    try:
        return reading.believed(dialect.moment(text[:100]))
    except (ValueError, TypeError, IndexError):
        reading.warn("timestamps", f"{place}: “{text[:80]}” is no timestamp and is not kept.")
        return otherwise
