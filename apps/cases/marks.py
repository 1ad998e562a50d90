"""Differences of two contents, with the words that changed marked as HTML."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from apps.projects.titles import on_page

from .content import Difference

MOST_WORDS = 20_000
"""Of a page; past that, what changed is shown without marks."""
LEAST_ALIKE = 0.25
"""Texts that have less in common are easier to read whole, one below the other."""


@dataclass(frozen=True)
class Marked:
    """A difference whose sides are HTML: what went in <del>, what came in <ins>."""

    name: str
    label: str
    before: SafeString
    after: SafeString


def marked(changes: list[Difference]) -> list[Marked]:
    """The same differences, as much of each text as a page shows."""
    left, found = MOST_WORDS, []
    for change in changes:
        before, after = words(on_page(change.before)), words(on_page(change.after))
        left -= len(before) + len(after)
        sides = mark(before, after) if left > 0 else (plain(before), plain(after))
        found.append(Marked(change.name, change.label, *sides))
    return found


def words(text: str) -> list[str]:
    """Words with the space before them, and signs, which make the text again when joined."""
    return re.findall(r"\s*\w+|\s*[^\w\s]|\s+", text)


def mark(before: list[str], after: list[str]) -> tuple[SafeString, SafeString]:
    matcher = SequenceMatcher(None, before, after)
    if not before or not after or matcher.ratio() < LEAST_ALIKE:
        return plain(before), plain(after)
    codes = matcher.get_opcodes()
    old = [("del" if code != "equal" else "", before[i:j]) for code, i, j, _, _ in codes]
    new = [("ins" if code != "equal" else "", after[i:j]) for code, _, _, i, j in codes]
    return _joined(old), _joined(new)


def plain(parts: list[str]) -> SafeString:
    return conditional_escape("".join(parts))


def _joined(parts):
    return format_html_join("", "{}", ((_within(tag, text),) for tag, text in parts if text))


def _within(tag, parts):
    return format_html(f"<{tag}>{{}}</{tag}>", "".join(parts)) if tag else plain(parts)
