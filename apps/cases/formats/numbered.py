"""Steps within one cell, each with its number, as exports write them and imports read them.

A line of a step that begins like a further one has a backslash before it, as has such a number
within a cell of one line, and a step of the case's own that begins like shared ones.
"""

import re
from collections.abc import Sequence

NUMBERED = re.compile(r"^[ \t]*(?:step[ \t]*)?(\d{1,3})[.):]\s*", re.IGNORECASE | re.MULTILINE)
NUMBER = r"(?=\\*(?:step[ \t]*)?\d{1,3}[.):])"
BARE = re.compile(rf"^([ \t]*){NUMBER}", re.IGNORECASE | re.MULTILINE)
ESCAPED = re.compile(rf"^([ \t]*)\\{NUMBER}", re.IGNORECASE | re.MULTILINE)
# The same within a line: 1. Open 2. Pay, or 1) Open 2) Pay.
IN_LINE = {sign: re.compile(rf"(?:^|(?<=\s))(\d{{1,3}})[{sign}]\s+(?=\S)") for sign in ".)"}
FIRST = re.compile(r"1([.)])\s")
NUMBER_IN_LINE = r"(?=\\*\d{1,3}[.)]\s+\S)"
BARE_IN_LINE = re.compile(rf"(?<=\s){NUMBER_IN_LINE}")
ESCAPED_IN_LINE = re.compile(rf"(?<=\s)\\{NUMBER_IN_LINE}")
SHARED = "Shared: "
OWN = re.compile(rf"\\+{SHARED}")


def as_numbered(parts: Sequence[str]) -> str:
    """Each part with its number before it, also where it is empty."""
    texts = [part.replace("\r\n", "\n").replace("\r", "\n").strip() for part in parts]
    bare = [BARE.sub(r"\1\\", text) for text in texts]
    if len(bare) == 1 and "\n" not in bare[0]:
        bare = [BARE_IN_LINE.sub(r"\\", bare[0])]
    return "\n".join(f"{place}. {text}".rstrip(" ") for place, text in enumerate(bare, 1))


def by_numbers(text: str, *, in_line: bool = False) -> list[str]:
    """Parts that begin with 1, 2, 3 … in this order; other numbers are text.

    A number begins a line; where the whole text is one, it may stand within that, too (`in_line`).
    """
    numbers = IN_LINE[FIRST.match(text)[1]] if in_line and is_line(text) else NUMBERED
    starts, wanted = [], 1
    for found in numbers.finditer(text):
        if int(found[1]) == wanted:
            starts.append((found.start(), found.end()))
            wanted += 1
    if not starts:
        return [text]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    parts = [text[begin:end].strip() for (_, begin), end in zip(starts, ends, strict=True)]
    before = text[: starts[0][0]].strip()
    return [before, *parts] if before else parts


def without_escapes(part: str, *, in_line: bool = False) -> str:
    """A part as it was before as_numbered(); `in_line`: its cell is one line with a number."""
    bare = ESCAPED.sub(r"\1", part)
    return ESCAPED_IN_LINE.sub("", bare) if in_line else bare


def is_line(text: str) -> bool:
    """Whether a cell is one line that begins with the number of a first step."""
    return "\n" not in text and FIRST.match(text) is not None


def as_own(action: str) -> str:
    """The action of a step, without space around it, that is not to be taken for shared ones."""
    action = action.strip()
    return f"\\{action}" if action.startswith(SHARED) or OWN.match(action) else action


def own(action: str) -> str:
    """The action before as_own()."""
    return action[1:] if OWN.match(action) else action
