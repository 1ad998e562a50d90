"""Several names in one text, as exports write them and imports and forms read them.

A comma, a semicolon or the end of a line stands between two. A name that holds such a sign or
begins with a quote stands in double quotes, and a quote within it is written twice.
"""

import re
from collections.abc import Iterable

BETWEEN, LINES = r"[,;\n]", r"\n"
QUOTED = r'[^\S\n]*"((?:[^"\n]++|"")*+)"[^\S\n]*(?=%s|\Z)'
NEEDED = re.compile(rf'{BETWEEN}|^"')


def joined(names: Iterable[str], between: str = ", ") -> str:
    return between.join(map(_quoted, names))


def parted(text: str, between: str = BETWEEN) -> list[str]:
    """The names with the space around them; what other tools put in quotes without need stays."""
    names, at = [], 0
    quoted, end = re.compile(QUOTED % between), re.compile(rf"{between}|\Z")
    while at <= len(text):
        found = quoted.match(text, at)
        if found and (re.search(BETWEEN, found[1]) or '""' in found[1]):
            name, stop = found[1].replace('""', '"'), found.end()
        else:
            stop = end.search(text, at).start()
            name = text[at:stop]
        names.append(name)
        at = stop + 1
    return names


def _quoted(name):
    return f'"{name.replace('"', '""')}"' if NEEDED.search(name) else name
