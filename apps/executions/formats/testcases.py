"""From the elements of JUnit XML to results: suites, test cases and what is inside them."""

from xml.parsers import expat

from apps.executions.identity import key_prefix, split_variant

from . import dialect
from .content import Content
from .dialect import milliseconds, suites_of
from .results import FileRefused, Limits, Reading, Result
from .suites import Capture, Suite, close_suite, note_capture, open_suite, started
from .unpack import Part

ROOTS = {"testsuites", "testsuite", "testrun"}
CAPTURED = {*dialect.FINDINGS, *dialect.TRIES, *dialect.OUTPUTS}
# What few writers tell in attributes of a test case.
SIGNS = {"status", "result", "attempt", "retry", "rerun"}
OF_SUITES = {"error", "failure", "system-out", "system-err"}


class NotResults(FileRefused):
    """An XML file of some other kind."""


class TestFile:
    """The handlers of one parse; `take` gives the results that are complete."""

    __test__ = False  # a noun of the subject, and no test of pytest's

    def __init__(self, part: Part, parser: expat.XMLParserType, reading: Reading, limits: Limits):
        self.part, self.parser, self.reading, self.limits = part, parser, reading, limits
        self.done: list[Result] = []
        self.received_before = reading.received
        self.suite: Suite | None = None  # the innermost that is open
        self.depth = 0
        self.attributes: dict[str, str] | None = None  # of the open testcase
        self.line = 0
        self.content: Content | None = None
        self.capture: Capture | None = None  # likewise
        self.suite_properties = 0
        self.classname: str | None = None  # to which the next two belong
        self.suite_path: tuple[str, ...] = ()
        self.key_prefix = ""
        self.most_depth, self.most_attributes = limits.depth, limits.attributes
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data

    def take(self) -> list[Result]:
        """The results that are complete since the last time."""
        done, self.done = self.done, []
        return done

    def finish(self) -> None:
        """Say what the whole file lacks, and what of it is not kept."""
        if self.reading.received == self.received_before:
            self.reading.warn("empty files", f"{self.part.name} holds no test case.")
        if self.suite_properties:
            self.reading.warn(
                "properties of suites",
                f"{self.part.name} has properties of suites ({self.suite_properties:,}), which are "
                "not kept; those of test cases are.",
            )

    # The three handlers; what most elements do is written out in them.

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        depth = self.depth = self.depth + 1
        if depth > self.most_depth or len(attributes) > self.most_attributes:
            self._refuse_shape()
        if self.attributes is None:
            if tag == "testcase" and self.suite is not None:
                self.attributes = attributes
                self.line = self.parser.CurrentLineNumber
            else:
                self._start_outside(tag.rpartition(":")[2], attributes)
        elif tag in CAPTURED:
            self._start_capture(tag, attributes)
        else:
            self._start_within(tag.rpartition(":")[2], attributes)

    def end(self, tag: str) -> None:
        capture = self.capture
        if capture is not None:
            if capture.depth == self.depth:
                self.capture = capture.outer
                self._end_capture(capture)
        elif self.attributes is not None:
            if tag == "testcase" or tag.endswith(":testcase"):
                self._end_test(self.attributes, self.suite, self.content)
                self.attributes = self.content = None
        elif self.suite is not None and tag.rpartition(":")[2] in ROOTS:
            self._end_suite(self.suite)
        self.depth -= 1

    def data(self, text: str) -> None:
        if self.capture is not None:
            self.capture.add(text)
        elif self.attributes is not None and not text.isspace():
            self._content().add("output", text.strip())

    # Outside of test cases

    def _start_outside(self, tag: str, attributes: dict[str, str]) -> None:
        if self.depth == 1 and tag not in ROOTS:
            raise NotResults(
                f"{self.part.name} is XML of another kind: its root is “{tag[:80]}”, where JUnit "
                "XML has “testsuites” or “testsuite”. Send the JUnit report of the test tool."
            )
        if tag in ROOTS:
            self._start_suite(tag, attributes)
        elif tag == "testcase":
            self.attributes, self.line = attributes, self.parser.CurrentLineNumber
        elif tag == "property":
            self.suite_properties += 1
        elif tag in OF_SUITES and self.capture is None:
            self._capture(tag, attributes, self.limits.try_text)
        elif tag != "properties" and self.capture is None:
            self._note_unknown(tag, "suite, and nothing of it is kept")

    def _start_suite(self, tag: str, attributes: dict[str, str]) -> None:
        outer, place = self.suite, self._place()
        moment = started(attributes, outer.started_at if outer else None, place, self.reading)
        # A root of many suites has a title, which is no suite's name.
        named = attributes if tag == "testsuite" else {**attributes, "name": "", "package": ""}
        self.suite = open_suite(named, outer, moment, place, self.limits)
        self.classname = None

    def _end_suite(self, suite: Suite) -> None:
        self.suite, self.classname = suite.outer, None
        close_suite(suite, self.part.name, self.reading)

    def _capture(self, tag: str, attributes: dict[str, str], limit: int) -> None:
        self.capture = Capture(tag, attributes, self.depth, limit, self.capture)

    def _place(self) -> str:
        return f"{self.part.name}, line {self.parser.CurrentLineNumber}"

    def _refuse_shape(self) -> None:
        what = f"an element of more than {self.limits.attributes} attributes"
        if self.depth > self.limits.depth:
            what = f"elements nested deeper than {self.limits.depth}"
        raise FileRefused(
            f"{self._place()}: the file holds {what}. "
            "Correct what writes the file and send it again."
        )

    # Within a test case

    def _content(self) -> Content:
        if self.content is None:
            self.content = Content(self.limits)
        return self.content

    def _start_capture(self, tag: str, attributes: dict[str, str]) -> None:
        outer = self.capture
        if outer is None:
            is_try = tag in dialect.TRIES
            limit = self._content().limit_of_a_try() if is_try else self.limits.text
            self._capture(tag, attributes, limit)
        elif outer.outer is None and outer.tag in dialect.TRIES:
            self._capture(tag, attributes, self._content().limit_of_a_try())
        # Deeper still, the text alone is kept, where it stands.

    def _start_within(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in CAPTURED:
            self._start_capture(tag, attributes)
        elif tag == "testcase" or tag == "testsuite":
            raise FileRefused(
                f"{self._place()}: a “{tag}” lies within a “testcase”, so what it belongs to is "
                "unclear. Correct what writes the file and send it again."
            )
        elif tag == "property" and "value" in attributes and self.capture is None:
            self._content().add_property(attributes.get("name", ""), attributes["value"])
        elif tag == "property" and self.capture is None:
            self._capture(tag, attributes, self.limits.property_text)
        elif tag != "properties" and self.capture is None:
            self._note_unknown(tag, "test case; only the text in it is kept, as output")

    def _note_unknown(self, tag: str, consequence: str) -> None:
        self.reading.warn(
            "unknown elements",
            f"{self._place()}: “{tag[:80]}” is no known element of a {consequence}.",
        )

    def _end_capture(self, capture: Capture) -> None:
        if self.attributes is None:
            note_capture(capture, self.suite, self.part.name, self.reading)
        elif capture.outer is not None:
            self._content().close_inner(capture.outer, capture)
        else:
            self._content().close(capture)

    # The end of a test case

    def _end_test(self, attributes: dict[str, str], suite: Suite, content: Content | None) -> None:
        reading = self.reading
        get = attributes.get
        index = reading.received
        reading.received = index + 1
        suite.direct[0] += 1
        classname = get("classname") or get("class") or ""
        name = get("name")
        if not name or name.isspace():
            name = classname
            if not name.strip():
                reason = "the test case has neither a name nor a classname"
                where = f"{self.part.name}: " if self.part.of_many else ""
                reading.refuse(where + reason, self.limits, line=self.line)
                return
        time = get("time")
        duration = milliseconds(time) if time else None
        if duration is None and time:
            self._warn_time(time)
        if classname != self.classname:
            self._enter_class(classname, suite)
        stem, bracket = split_variant(name)
        # By position, since this runs once for every test.
        result = Result(
            name, stem, self.key_prefix + stem, bracket, self.suite_path, duration,
            suite.started_at, index, self.line,
        )  # fmt: skip
        if "timestamp" in attributes:
            result.started_at = started(attributes, suite.started_at, self._place(), reading)
        if content is not None:
            self._take_content(content, result, classname, suite)
        if not SIGNS.isdisjoint(attributes):
            self._take_signs(result, attributes, suite)
        self.done.append(result)

    def _enter_class(self, classname: str, suite: Suite) -> None:
        """Find once what the tests of one class, which mostly stand together, have in common."""
        self.classname = classname
        self.suite_path = suites_of(suite.path, classname)
        self.key_prefix = key_prefix(classname, self.suite_path)

    def _take_content(self, content: Content, result: Result, classname: str, suite: Suite) -> None:
        content.fill(result, classname)
        suite.direct[1] += content.failed
        suite.direct[2] += content.error
        suite.direct[3] += content.skipped
        self.reading.texts_cut += content.texts_cut
        for cut in content.cuts:
            self.reading.warn(
                "texts cut",
                f"{self.part.name}, line {self.line}, “{result.name[:200]}”: {cut}.",
            )

    def _take_signs(self, result: Result, attributes: dict[str, str], suite: Suite) -> None:
        if result.status == "passed":
            self._take_status_word(result, attributes, suite)
        if "attempt" in attributes or "retry" in attributes or "rerun" in attributes:
            result.dialect_retry, result.attempt = dialect.retry_sign(attributes)

    def _take_status_word(self, result: Result, attributes: dict[str, str], suite: Suite) -> None:
        """A test without any finding may say its verdict in an attribute."""
        for name in ("result", "status"):
            word = attributes.get(name, "").strip().lower()
            if word in dialect.STATUS_WORDS and not result.tries:
                result.status = dialect.STATUS_WORDS[word]
                break
        position = {"failed": 1, "error": 2, "skipped": 3}.get(result.status)
        if position:
            suite.direct[position] += 1

    def _warn_time(self, text: str) -> None:
        self.reading.warn(
            "times",
            f"{self.part.name}, line {self.line}: “{text[:80]}” is no time in seconds; "
            "the test is kept without one.",
        )
