"""Expat that expands and fetches nothing, and notices a file that is made to fill the memory."""

from collections.abc import Callable
from xml.parsers import expat

from .notes import FileRefused, MarkupLimits

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


def guarded_parser(name: str) -> expat.XMLParserType:
    """A parser of UTF-8, whatever the file declares, that refuses document types and entities."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.buffer_size = 64 << 10
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    _refuse_declarations(parser, name)
    return parser


def failure(error: expat.ExpatError, name: str) -> Exception:
    """What to raise for what the parser says."""
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
                "declares entities, which no file of this kind needs. Remove the DOCTYPE."
            )

    def declaration(*_arguments: object) -> None:
        raise FileRefused(f"{name} declares or refers to entities. Remove its DOCTYPE.")

    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = declaration
    parser.AttlistDeclHandler = declaration
    parser.ElementDeclHandler = declaration
    parser.NotationDeclHandler = declaration
    parser.ExternalEntityRefHandler = declaration


class Watch:
    """Between chunks: a tag or comment without end, and names without number, grow memory."""

    def __init__(self, parser: expat.XMLParserType, name: str, limits: MarkupLimits):
        self.parser, self.name, self.limits = parser, name, limits
        self.waiting = self.attributes = 0
        self.seen: Callable[[], int] = parser.intern.__len__

    def check(self, chunk: bytes) -> None:
        if self.seen() > self.limits.names:
            self._refuse("more different names of elements than any file of this kind")
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
