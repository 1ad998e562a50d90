"""JUnit XML in all its dialects, read as a stream in bounded memory."""

from collections.abc import Callable, Iterator
from xml.parsers import expat

from .charset import find_encoding, repaired, to_utf8
from .results import FileRefused, Limits, Reading, Result
from .testcases import TestFile
from .unpack import Part

errors = expat.errors
# What a second reading with repaired characters may cure.
CURABLE = {
    errors.codes[errors.XML_ERROR_INVALID_TOKEN],
    errors.codes[errors.XML_ERROR_BAD_CHAR_REF],
    errors.codes[errors.XML_ERROR_MISPLACED_XML_PI],
    errors.codes[errors.XML_ERROR_PARTIAL_CHAR],
}
CUT = {
    errors.codes[errors.XML_ERROR_NO_ELEMENTS],
    errors.codes[errors.XML_ERROR_UNCLOSED_TOKEN],
    errors.codes[errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
}


class Unreadable(Exception):
    """This reading failed at a character that a repaired reading may get past."""


def read_junit(part: Part, head: bytes, reading: Reading, limits: Limits) -> Iterator[list[Result]]:
    """The results of one XML file, as many at a time as one chunk of it completes.

    A file that holds forbidden characters is read again, repaired.
    """
    encoding = find_encoding(head, part.name, reading)
    mark, handed_on = reading.mark(), 0
    try:
        chunks = part.chunks()
        for results in _parse(
            chunks if encoding == "utf-8" else to_utf8(chunks, encoding), part, reading, limits
        ):
            handed_on += len(results)
            yield results
        return
    except (Unreadable, UnicodeDecodeError):
        reading.rewind(mark)
    before = reading.repaired
    chunks = repaired(part.chunks(), encoding, part.name, reading, limits)
    try:
        # Up to the first bad character both readings give the same results.
        for results in _parse(chunks, part, reading, limits):
            yield results[handed_on:]
            handed_on = max(handed_on - len(results), 0)
    except Unreadable as error:
        raise FileRefused(str(error)) from error
    if reading.repaired > before:
        reading.warn(
            "characters",
            f"{part.name} holds characters that XML does not allow "
            f"({reading.repaired - before:,}); they were replaced by visible ones.",
        )


def _parse(
    chunks: Iterator[bytes], part: Part, reading: Reading, limits: Limits
) -> Iterator[list[Result]]:
    parser = expat.ParserCreate("utf-8")  # everything arrives as UTF-8, whatever the file declares
    parser.buffer_text = True
    parser.buffer_size = 64 << 10
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    _refuse_declarations(parser, part.name)
    test_file = TestFile(part, parser, reading, limits)
    watch = _Watch(parser, part.name, limits)
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            watch.check(chunk)
            yield test_file.take()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise _failure(error, part.name) from error
    yield test_file.take()
    test_file.finish()


def _failure(error: expat.ExpatError, name: str) -> Exception:
    place = f"{name}, line {error.lineno}, column {error.offset + 1}"
    reason = expat.ErrorString(error.code)
    if error.code in CURABLE:
        return Unreadable(f"{place}: {reason}. Correct what writes the file and send it again.")
    if error.code in CUT:
        return FileRefused(
            f"{place}: the file ends in the middle, so nothing of it was taken. "
            "Send the whole file."
        )
    return FileRefused(f"{place}: {reason}. Correct what writes the file and send it again.")


def _refuse_declarations(parser: expat.XMLParserType, name: str) -> None:
    """No entity is ever declared, expanded or fetched: bombs and requests begin with those."""

    def doctype(_root: str, system: str | None, public: str | None, subset: bool) -> None:
        if system or public or subset:
            raise FileRefused(
                f"{name}, line {parser.CurrentLineNumber}: the file refers to a document type or "
                "declares entities, which no result file needs. Remove the DOCTYPE."
            )

    def declaration(*_arguments: object) -> None:
        raise FileRefused(f"{name} declares or refers to entities. Remove its DOCTYPE.")

    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = declaration
    parser.AttlistDeclHandler = declaration
    parser.ElementDeclHandler = declaration
    parser.NotationDeclHandler = declaration
    parser.ExternalEntityRefHandler = declaration


class _Watch:
    """Between chunks: a tag or comment without end, and names without number, grow memory."""

    def __init__(self, parser: expat.XMLParserType, name: str, limits: Limits):
        self.parser, self.name, self.limits = parser, name, limits
        self.waiting = self.attributes = 0
        self.seen: Callable[[], int] = parser.intern.__len__

    def check(self, chunk: bytes) -> None:
        if self.seen() > self.limits.names:
            self._refuse("more different names of elements than any result file")
        # Expat tells no position while what it has is the beginning of one tag or comment.
        if self.parser.CurrentByteIndex >= 0:
            self.waiting = self.attributes = 0
            return
        self.waiting += len(chunk)
        self.attributes += chunk.count(b'="') + chunk.count(b"='")
        if self.attributes > self.limits.markup_attributes:
            self._refuse("a tag of very many attributes")
        if self.waiting > self.limits.markup_bytes:
            self._refuse(f"a tag or comment of more than {self.limits.markup_bytes >> 20} MiB")

    def _refuse(self, what: str) -> None:
        raise FileRefused(
            f"{self.name}, line {self.parser.CurrentLineNumber}: the file holds {what}. "
            "Correct what writes the file and send it again."
        )
