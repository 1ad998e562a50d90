"""What stands within one testcase element: findings, outputs, properties and tries."""

from sys import getsizeof

from apps.artifacts.reading.text import Text, first_line, width

from . import dialect
from .results import Limits, Result, Try
from .suites import Capture


class Content:
    """Gathers what one test case holds, and at its end fills a result with it."""

    __slots__ = (
        "cuts", "error", "failed", "limits", "lost_tries", "properties", "reruns", "skipped",
        "texts", "texts_cut", "tries", "try_room",
    )  # fmt: skip

    def __init__(self, limits: Limits):
        self.limits = limits
        self.failed = self.error = self.skipped = False
        self.texts: dict[str, Text] = {}
        self.properties: dict[str, str] = {}
        self.tries: list[Try] = []
        self.reruns: list[Try] = []
        self.lost_tries = self.texts_cut = 0
        self.try_room = limits.text  # for the texts of all tries together
        self.cuts: list[str] = []  # what was cut, for the warnings

    def add(self, what: str, text: str) -> None:
        """Add lines to the message, the trace or an output."""
        if text:
            held = self.texts.get(what)
            if held is None:
                # One that was cut already holds a line about it, and perhaps wider characters.
                limit = max(self.limits.text, len(text) * width(text))
                held = self.texts[what] = Text(limit)
            held.add_line(text)

    def close(self, capture: Capture) -> None:
        """An element directly within the test case ends."""
        tag = capture.tag
        if tag in dialect.FINDINGS:
            self._add_finding(capture)
        elif tag in dialect.TRIES:
            self._add_try(capture)
        elif tag == "property":
            name, value = capture.attributes.get("name", ""), capture
            self.add_property(name, self.whole(value, f"property {name[:80]}").strip())
        else:
            what = "error output" if tag == "system-err" else "output"
            self.add(what, _trimmed(self.whole(capture, what)))

    def limit_of_a_try(self) -> int:
        """How long a text of the next try may be: there may be many of them."""
        return max(self.limits.try_text, self.try_room)

    def close_inner(self, outer: Capture, capture: Capture) -> None:
        """An element within an earlier or later try ends."""
        outer.inner[capture.tag] = self.whole(capture, f"{capture.tag} of a try")

    def add_property(self, name: str, value: str) -> None:
        """Keep a property; the same name again adds a line."""
        name = name[:1000]
        if name not in self.properties and len(self.properties) >= self.limits.properties:
            self._note(f"more than {self.limits.properties:,} properties, the rest is not kept")
            return
        if name in self.properties:
            value = f"{self.properties[name]}\n{value}"
        if len(value) > self.limits.property_text + 100:  # more than the line about a cut
            text = Text(self.limits.property_text)
            text.add(value)
            value = self.whole(text, f"property {name[:80]}")
        self.properties[name] = value

    def _add_finding(self, capture: Capture) -> None:
        verdict = dialect.FINDINGS[capture.tag]
        if verdict == dialect.FAILED:
            self.failed = True
        elif verdict == dialect.ERROR:
            self.error = True
        else:
            self.skipped = True
        attributes = capture.attributes
        self.add("message", attributes.get("message", "").strip())
        text = self.whole(capture, "trace").strip()
        self.add("trace", _with_type(attributes, text))

    def _add_try(self, capture: Capture) -> None:
        tries = self.tries if capture.tag.startswith("flaky") else self.reruns
        if len(tries) >= self.limits.tries:
            self.lost_tries += 1
            return
        inner, attributes = capture.inner, capture.attributes
        text, stack = self.whole(capture, "try").strip(), inner.get("stackTrace", "").strip()
        trace = f"{text}\n{stack}" if text and stack else text or stack
        out, err = _trimmed(inner.get("system-out", "")), _trimmed(inner.get("system-err", ""))
        message = Text(self.limit_of_a_try())
        message.add(attributes.get("message", "").strip() or first_line(trace))
        earlier = Try(
            dialect.TRIES[capture.tag],
            self.whole(message, "message of a try"),
            _with_type(attributes, trace),
            _joined(out, err),
            dialect.milliseconds(attributes["time"]) if attributes.get("time") else None,
        )
        self.try_room -= sum(map(getsizeof, (earlier.message, earlier.trace, earlier.output)))
        tries.append(earlier)

    def fill(self, result: Result, owner: str) -> None:
        """Give the result what was found; a failure is the test's own word before an error."""
        if self.failed:
            result.status = "failed"
        elif self.error:
            result.status = "error"
        elif self.skipped:
            result.status = "skipped"
        if "trace" in self.texts:
            result.trace = self._text("trace")
        if "message" in self.texts:
            result.message = self._text("message")
        elif result.trace:
            result.message = _first_words(result.trace, f"{owner}::{result.name}")
        if "output" in self.texts or "error output" in self.texts:
            result.output = _joined(self._text("output"), self._text("error output"))
        result.tries = self.tries
        if self.properties:
            result.properties = self.properties
            result.case = dialect.case_named(self.properties)
            result.dialect_retry, result.attempt = dialect.retry_sign(self.properties)
        if self.reruns:
            self._take_last_rerun(result)
        if self.lost_tries:
            self._note(f"{self.lost_tries:,} tries past the first {self.limits.tries} not kept")

    def _take_last_rerun(self, result: Result) -> None:
        """The element itself is the first try and each rerun a later one; the last one counts."""
        if self.failed or self.error:
            first = Try(
                result.status, result.message, result.trace, result.output, result.duration_ms
            )
            self.tries.append(first)
        *between, last = self.reruns
        self.tries.extend(between)
        result.status, result.message, result.trace = last.status, last.message, last.trace
        result.output = last.output
        if last.duration_ms is not None:
            result.duration_ms = last.duration_ms

    def _text(self, what: str) -> str:
        # Held no longer, since the result may take as much again.
        text = self.texts.pop(what, None)
        return self.whole(text, what) if text else ""

    def whole(self, text: Text, what: str) -> str:
        whole = text.whole()
        if text.cut:
            self.texts_cut += 1
            self._note(text.told_cut(what))
        return whole

    def _note(self, what: str) -> None:
        if len(self.cuts) < 10 and what not in self.cuts:
            self.cuts.append(what)


def _first_words(trace: str, known: str) -> str:
    """What a trace says first, past the type of what was raised and the name of the test."""
    kind = trace.split("\n", 1)[0] if "\n" in trace else ""
    if kind and _is_type(kind):
        return first_line(trace.removeprefix(kind), known) or first_line(trace)
    return first_line(trace, known)


def _is_type(line: str) -> bool:
    """Whether `_with_type` may have written this line."""
    return bool(line) and not any(character.isspace() for character in line)


def _with_type(attributes: dict[str, str], trace: str) -> str:
    """The trace, with the type of what was raised when nothing else tells it."""
    kind = attributes.get("type", "").strip()[:1000]
    if not kind:
        return trace
    short = kind.rpartition(".")[2].rpartition("\\")[2]
    if not short or short in trace or short in attributes.get("message", ""):
        return trace
    return f"{kind}\n{trace}" if trace else kind


def _trimmed(output: str) -> str:
    return output.strip("\r\n").rstrip()


def _joined(out: str, err: str) -> str:
    if not err:
        return out
    return f"{out}\n--- system-err ---\n{err}" if out else err
