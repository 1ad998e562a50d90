"""From the bytes of a text file, in whatever encoding, to UTF-8."""

import codecs
import re
from collections.abc import Iterable, Iterator

from .notes import FileRefused, MarkupLimits, Notes
from .text import FORBIDDEN, visible

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What Python decodes under other names than files carry; the wider tables hold the narrower ones.
WIDER = {
    "shift_jis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "x-gbk": "gb18030",
}  # fmt: skip
# Python's codecs also hold things that are no encodings of text (zlib, rot13, idna …).
ENCODINGS = re.compile(
    r"utf-(8|16|32)|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|euc_\w+|gb18030|big5|big5hkscs"
    r"|johab|tis-620|hz|iso2022_\w+|shift_jis\w*"
)
DECLARED = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']"""
)
REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")
# A reference that the next chunk may complete.
OPEN_REFERENCE = re.compile(r"&(?:#[0-9A-Fa-fx]{0,11})?\Z")


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    """Undecodable bytes become one lone surrogate, which the repair then replaces and counts."""
    if isinstance(error, UnicodeDecodeError):
        return "\udfff", error.end
    raise error


codecs.register_error("testoqa.mark", _mark_undecodable)


def find_encoding(head: bytes, filename: str, reading: Notes) -> str:
    """The encoding of an XML file, by its first bytes and then by its own word."""
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return encoding
    if head[:4] in (b"<\0\0\0", b"\0\0\0<"):
        return "utf-32-le" if head[0] else "utf-32-be"
    if head[:2] in (b"<\0", b"\0<"):
        return "utf-16-le" if head[0] else "utf-16-be"
    declared = DECLARED.match(head)
    if not declared:
        return "utf-8"
    return _known_encoding(declared[1].decode("ascii"), filename, reading)


def _known_encoding(name: str, filename: str, reading: Notes) -> str:
    try:
        found = codecs.lookup(WIDER.get(name.lower(), name)).name
    except LookupError:
        found = ""
    if not ENCODINGS.fullmatch(WIDER.get(found, found)) and not found.startswith("utf-"):
        raise FileRefused(
            f"{filename} says that it is encoded as {name}, which is not known here. "
            "Write it as UTF-8 and send it again."
        )
    if found.startswith(("utf-16", "utf-32")):
        # The declaration itself was readable byte by byte, so this cannot be.
        reading.warn("encodings", f"{filename} says {name} but is UTF-8, and was read as UTF-8.")
        return "utf-8"
    return "utf-8" if found == "ascii" else WIDER.get(found, found)


def to_utf8(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Decode strictly; raises UnicodeDecodeError where the bytes are not of that encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8")
    yield decoder.decode(b"", True).encode("utf-8")


def repaired(
    chunks: Iterable[bytes], encoding: str, filename: str, reading: Notes, limits: MarkupLimits
) -> Iterator[bytes]:
    """Decode, and make every character one that XML may hold; each replacement is counted."""
    decoder = codecs.getincrementaldecoder(encoding)("testoqa.mark")
    rest, begun = "", False
    before = reading.repaired
    for chunk in _with_end(chunks):
        text = rest + decoder.decode(chunk or b"", chunk is None)
        rest = ""
        if not begun:
            text, begun = _without_lead(text, reading)
        open_reference = OPEN_REFERENCE.search(text) if chunk is not None else None
        if open_reference:
            text, rest = text[: open_reference.start()], text[open_reference.start() :]
        yield _clean(text, reading).encode("utf-8")
        if reading.repaired - before > limits.repairs:
            raise FileRefused(
                f"{filename} holds more than {limits.repairs:,} characters that XML does not "
                "allow, so it is hardly text. Send the file that the test tool wrote."
            )


def _with_end(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    yield from chunks
    yield None


def _without_lead(text: str, reading: Notes) -> tuple[str, bool]:
    """Without white space before `<?xml`, where XML allows none."""
    bare = text.lstrip("\ufeff \t\r\n")
    if not bare:
        return "", False
    if bare.startswith("<?xml") and text.lstrip("\ufeff") != bare:
        reading.repaired += 1
        return bare, True
    return text.lstrip("\ufeff"), True


def _clean(text: str, reading: Notes) -> str:
    text, replaced = FORBIDDEN.subn(visible, text)
    reading.repaired += replaced
    if "&#" not in text:
        return text

    def resolve(match: re.Match) -> str:
        code = int(match[1], 16) if match[1] else int(match[2])
        if code > 0x10FFFF:
            reading.repaired += 1
            return "\ufffd"
        found = FORBIDDEN.match(chr(code))
        if not found:
            return match[0]
        reading.repaired += 1
        return visible(found)

    return REFERENCE.sub(resolve, text)
