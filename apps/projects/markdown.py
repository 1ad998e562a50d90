"""What people write in Markdown, as HTML that nothing can run in.

HTML within it is shown as it was typed, and the result is sanitised once more: two walls, since the
texts of one person are read by all others.
"""

import re
from urllib.parse import urlsplit
from uuid import UUID

import nh3
from django.urls import reverse
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from .models import Project

LONGEST = 20_000
"""A longer text is shown as it was written; who writes by hand does not get there."""
MOST_BRACKETS = 500
"""The parser looks for the end of each one; a text with more is shown as it was written, too."""
SCHEMES = {"http", "https", "mailto"}
ARTIFACT = re.compile(r"artifact:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
"""How a text names a file of its project: ![name](artifact:UUID)."""
OWN_FILE = re.compile(r"/(?:[^/\s]+/)*projects/[A-Z0-9]+/artifacts/[0-9a-f-]{36}/")
PLAIN = re.compile(r"(?![\s#>+\-=\d~])[^\\`*_\[\]~|<>&!\n\r\0]+")
"""A line in which nothing is marked up, as most texts of steps are."""

TAGS = set(
    "p br hr em strong s code pre blockquote ul ol li a img h3 h4 h5 h6 "
    "table thead tbody tr th td".split()
)
ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title", "loading"}, "ol": {"start"},
}  # fmt: skip
HEADINGS = ["h3", "h4", "h5", "h6"]
"""Below the headings of the page and its panels."""

parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)


def render(text: str, project: Project | None = None) -> SafeString:
    """The text as HTML; files are shown from `project`, and none are without one.

    Links lead to http, https and mailto addresses and to files of the project. Pictures are files
    of the project alone: one from elsewhere would tell its host who reads the page, so it is
    a link.
    """
    if PLAIN.fullmatch(text):
        return mark_safe(f"<p>{text.rstrip()}</p>")
    if len(text) > LONGEST or text.count("[") > MOST_BRACKETS:
        return mark_safe(linebreaks(text, autoescape=True))
    tokens = parser.parse(text)
    _walk(tokens, project)
    return mark_safe(cleaner.clean(parser.renderer.render(tokens, parser.options, {})))


def named_files(*texts: str) -> set[UUID]:
    """Ids of the files that the texts name, whether there are any or not."""
    return {UUID(found) for text in texts for found in ARTIFACT.findall(text)}


def is_followed(address: str) -> bool:
    """Whether a link may lead there: an http or https address with a host, or a mailto one."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme not in SCHEMES:
        return False
    return "@" in parts.path if parts.scheme == "mailto" else bool(parts.hostname)


def _walk(tokens, project):
    above = []
    for token in tokens:
        if token.type == "heading_open":
            above = [tag for tag in above if tag < token.tag] + [token.tag]
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADINGS[min(len(above), len(HEADINGS)) - 1]
        if token.children:
            token.children[:] = [
                said for child in token.children for said in _inline(child, project)
            ]


def _inline(token, project):
    """The token, or what stands in its place."""
    if token.type == "image":
        return [_picture(token, project)]
    if token.type == "link_open":
        address = _address(str(token.attrGet("href") or ""), project)
        token.attrs = {**token.attrs, "href": address} if address else {}
    return [token]


def _picture(token, project):
    source = str(token.attrGet("src") or "")
    address = _address(source, project)
    if ARTIFACT.fullmatch(source) and address:
        token.attrSet("src", address)
        token.attrSet("loading", "lazy")
        return token
    token.type, token.tag, token.content = "html_inline", "", _instead(token, address)
    return token


def _instead(token, address):
    """Of a picture that is not shown: a link to it, or its name alone."""
    name = escape(token.content or address)
    return f'<a href="{escape(address)}">{name}</a>' if address else name


def _address(address, project):
    """Where a link leads in the end; empty where it may not lead."""
    if file := ARTIFACT.fullmatch(address):
        key = project.key if project else ""
        return reverse("artifacts:download", args=[key, UUID(file[1])]) if project else ""
    return address if is_followed(address) else ""


def _allowed(tag, attribute, value):
    """The second wall: what a link or a picture may name, whatever the first made of it."""
    if attribute == "src":
        return value if OWN_FILE.fullmatch(value) else None
    if attribute == "href":
        return value if OWN_FILE.fullmatch(value) or is_followed(value) else None
    return value


cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    attribute_filter=_allowed,
    url_schemes=SCHEMES,
    url_relative="pass_through",
    link_rel="noopener nofollow",
)
