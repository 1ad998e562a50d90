"""Texts that tools keep as HTML, as Markdown."""

import re
from html import unescape
from html.parser import HTMLParser

LOOKS_LIKE = re.compile(r"<(/?[a-zA-Z][^<>]{0,500}|!--)>|<br\s*/?>|&(#\d+|#x[0-9a-fA-F]+|\w+);")
BLOCKS = {"p", "div", "tr", "table", "blockquote", "section", "dl", "dt", "dd"}
HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "s": "~~", "del": "~~", "strike": "~~"}
SILENT = {"script", "style", "head", "title"}
SPACE = re.compile(r"[ \t\r\n\f]+")
DEEPEST = 20


def as_markdown(text: str) -> str:
    """The text as it is, unless it holds tags or entities."""
    if not LOOKS_LIKE.search(text):
        return text
    if "<" not in text:
        return unescape(text)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = "".join(reader.parts).split("\n")
    tidy = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", tidy).strip()


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.lists: list[int | None] = []
        self.links: list[str] = []
        self.silent = self.pre = 0

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in SILENT:
            self.silent += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in ("ul", "ol") and len(self.lists) < DEEPEST:
            self.lists.append(0 if tag == "ol" else None)
            self._new_line()
        elif tag == "li":
            self._item()
        elif tag == "pre":
            self.pre += 1
            self.parts.append("\n```\n")
        elif tag == "code" and not self.pre:
            self.parts.append("`")
        elif tag in ("td", "th"):
            self.parts.append("| ")
        elif tag == "img":
            self.parts.append(f"![{found.get('alt') or ''}]({found.get('src') or ''})")
        elif tag == "a":
            self.links.append(found.get("href") or "")
            self.parts.append("[")
        elif tag in HEADINGS:
            self._new_line(2)
            self.parts.append(HEADINGS[tag] + " ")
        elif tag in MARKS:
            self.parts.append(MARKS[tag])
        elif tag in BLOCKS:
            self._new_line(2 if tag == "p" and not self.lists else 1)

    def handle_endtag(self, tag):
        if tag in SILENT:
            self.silent = max(self.silent - 1, 0)
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            self._new_line()
        elif tag == "pre":
            self.pre = max(self.pre - 1, 0)
            self.parts.append("\n```\n")
        elif tag == "code" and not self.pre:
            self.parts.append("`")
        elif tag == "a" and self.links:
            self.parts.append(f"]({self.links.pop()})")
        elif tag in MARKS:
            self.parts.append(MARKS[tag])
        elif tag == "tr":
            self.parts.append("|\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in BLOCKS or tag in HEADINGS:
            self._new_line(2 if tag in HEADINGS else 1)

    def handle_data(self, data):
        if self.silent:
            return
        if not self.pre:
            data = SPACE.sub(" ", data.replace("\xa0", " "))
            if not self.parts or self.parts[-1].endswith("\n"):
                data = data.lstrip(" ")
        self.parts.append(data)

    def _item(self):
        self._new_line()
        indent = "  " * max(len(self.lists) - 1, 0)
        if self.lists and self.lists[-1] is not None:
            self.lists[-1] += 1
            self.parts.append(f"{indent}{self.lists[-1]}. ")
        else:
            self.parts.append(f"{indent}- ")

    def _new_line(self, count=1):
        tail = "".join(self.parts[-3:])
        missing = count - (len(tail) - len(tail.rstrip("\n")))
        if tail and missing > 0:
            self.parts.append("\n" * missing)
