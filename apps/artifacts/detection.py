"""What a file is, told from its bytes; what its sender says of it is not believed."""

import codecs
import re

import puremagic

from .names import ending

HEAD = 8 * 1024
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

# Every control character except tab, line ends, form feed and the escape of coloured logs.
NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")

# That of UTF-32 begins as that of UTF-16 does.
MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]

TEXT_ENDINGS = {
    "css": "text/css",
    "csv": "text/csv",
    "htm": "text/html",
    "html": "text/html",
    "js": "text/javascript",
    "json": "application/json",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "svg": "image/svg+xml",
    "xhtml": "application/xhtml+xml",
    "xml": "application/xml",
}
MARKUP = [
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "image/svg+xml"),
    (
        re.compile(rb"<(!doctype\s+html|html|head|body|script|iframe)[\s>]", re.IGNORECASE),
        "text/html",
    ),
    (re.compile(rb"\A\s*<(\?xml|[a-z!])", re.IGNORECASE), "application/xml"),
    (re.compile(rb"\A\s*%PDF-"), "application/pdf"),
]


class TextCheck:
    """Says at the end of a file whether all of it was text in UTF-8."""

    def __init__(self):
        self.passed = True
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def feed(self, piece, *, final=False):
        if not self.passed:
            return
        try:
            self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            self.passed = False
        else:
            self.passed = NOT_TEXT.search(piece) is None


def content_type(head: bytes, name: str, *, is_text: bool) -> str:
    """The media type of a file that begins with `head`.

    In text, markup is recognised anywhere in the head; only then the name's ending counts.
    """
    if is_text:
        markup = (kind for pattern, kind in MARKUP if pattern.search(head))
        return next(markup, None) or TEXT_ENDINGS.get(ending(name), TEXT)
    if image := raster_image(head):
        return image
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"
    if charset(head) in {"utf-16", "utf-32"}:
        return TEXT
    try:
        known = puremagic.from_string(head, mime=True) or UNKNOWN
    except puremagic.PureError:
        return UNKNOWN
    return UNKNOWN if known == TEXT else known  # which it says of programs' own formats


def charset(head: bytes) -> str | None:
    """The charset of a text that begins so: by its byte order mark, else UTF-8 if it is that."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return name if _decodes(head, name) else None
    return "utf-8" if _decodes(head, "utf-8") and not NOT_TEXT.search(head) else None


def _decodes(head, name):
    try:
        codecs.getincrementaldecoder(name)().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def raster_image(head: bytes) -> str | None:
    """The type of a picture that a browser may show, from its first bytes; SVG is a program."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return None
