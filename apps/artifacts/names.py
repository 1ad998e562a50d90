"""The names under which files are shown and downloaded; they never say where a file lies."""

import unicodedata

LONGEST = 200
NAMELESS = "file"

# Control, format (which reverse or hide parts of a name), surrogate and unassigned characters,
# and the separators of lines and paragraphs.
HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


def clean_name(name: str) -> str:
    """The last part of a path without invisible characters; the ending survives when it is cut."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = unicodedata.normalize("NFC", name)
    name = "".join(
        " " if letter.isspace() else letter
        for letter in name
        if letter.isspace() or unicodedata.category(letter) not in HIDDEN
    )
    name = " ".join(name.split()).rstrip(". ")
    return _shortened(name) if name else NAMELESS


def ending(name: str) -> str:
    """The part after the last dot in small letters, or nothing: Report.HTML has html."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def _shortened(name):
    last = ending(name)
    tail = f".{last}" if last and len(last) <= 20 else ""
    return name if len(name) <= LONGEST else name[: LONGEST - len(tail)].rstrip(". ") + tail
