"""Steps within one cell, each with its number, as exports write them and imports read them.

A line of a step that begins like a further one has a backslash before it, as has a step of the
case's own that begins like shared ones.
"""

import re
from collections.abc import Sequence

NUMBERED = re.compile(r"^[ \t]*(?:step[ \t]*)?(\d{1,3})[.):]\s*", re.IGNORECASE | re.MULTILINE)
NUMBER = r"(?=\\*(?:step[ \t]*)?\d{1,3}[.):])"
BARE = re.compile(rf"^([ \t]*){NUMBER}", re.IGNORECASE | re.MULTILINE)
ESCAPED = re.compile(rf"^([ \t]*)\\{NUMBER}", re.IGNORECASE | re.MULTILINE)
SHARED = "Shared: "
OWN = re.compile(rf"\\+{SHARED}")


def as_numbered(parts: Sequence[str]) -> str:
    """Each part with its number before it, also where it is empty."""
    lines = (part.replace("\r\n", "\n").replace("\r", "\n") for part in parts)
    numbered = (f"{place}. {BARE.sub(r'\1\\', line)}" for place, line in enumerate(lines, 1))
    return "\n".join(line.rstrip(" ") for line in numbered)


def by_numbers(text: str) -> list[str]:
    """Parts that begin with 1, 2, 3 … in this order; other numbers are text."""
    starts, wanted = [], 1
    for found in NUMBERED.finditer(text):
        if int(found[1]) == wanted:
            starts.append((found.start(), found.end()))
            wanted += 1
    if not starts:
        return [text]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    parts = [text[begin:end].strip() for (_, begin), end in zip(starts, ends, strict=True)]
    before = text[: starts[0][0]].strip()
    return [before, *parts] if before else parts


def without_escapes(part: str) -> str:
    """A part as it was before as_numbered()."""
    return ESCAPED.sub(r"\1", part)


def as_own(action: str) -> str:
    """The action of a step, without space around it, that is not to be taken for shared ones."""
    action = action.strip()
    return f"\\{action}" if action.startswith(SHARED) or OWN.match(action) else action


def own(action: str) -> str:
    """The action before as_own()."""
    return action[1:] if OWN.match(action) else action
