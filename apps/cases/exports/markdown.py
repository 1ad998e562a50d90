"""Cases as Markdown: a heading for each suite, below it its cases.

A line of a text that begins like a sign of the form has a backslash before it.
"""

import re

from ..content import duration
from ..formats.numbered import SHARED, as_own
from ..formats.several import joined
from .choice import Told
from .columns import custom_text, named, told_name
from .writer import Writer

SIGN = re.compile(r"^([^\S\n]*)(?=\\*(?:#|[-*] |\d+[.)]))", re.MULTILINE)
LINE_END = re.compile(r"\r\n?")


class MarkdownFile(Writer):
    def head(self) -> bytes:
        self.suite: object = self
        self.fields = [field.name for field in self.project.custom_fields.all()]
        return b""

    def part(self, cases: list[Told]) -> bytes:
        return "".join(f"{line}\n" for case in cases for line in self.lines(case)).encode()

    def lines(self, case: Told):
        says = case.says
        if case.suite != self.suite:
            self.suite = case.suite
            yield f"# {one_line(says['suite'])}".rstrip()
            yield ""
        yield f"## {one_line(says['title'])}"
        yield ""
        for name, value in self.facts(case):
            if value:
                yield f"- {name}: {one_line(value)}"
        for name in ("description", "preconditions"):
            if text := says[name]:
                yield from ["", f"### {name.capitalize()}", "", escaped(text)]
        if says["steps"]:
            yield from ["", "### Steps", ""]
            for place, step in enumerate(says["steps"], 1):
                yield from _step(place, step)
        yield ""

    def facts(self, case: Told):
        says = case.says
        yield "Key", case.key
        for name in ("kind", "status", "priority", "severity", "owner"):
            yield name.capitalize(), says[name]
        if says["estimate_seconds"] is not None:
            yield "Estimate", duration(says["estimate_seconds"])
        yield "Tags", joined(says["tags"])
        for name, told in (("Requirements", "name"), ("Links", "title")):
            yield from ((name, named([entry], told)) for entry in says[name.lower()])
        yield "Automation key", says["automation_key"]
        yield from (("Former keys", key) for key in says["aliases"])
        yield "Archived", "yes" if case.is_archived else ""
        for name in self.fields:
            yield told_name(name), custom_text(says["custom"].get(name))


def one_line(text: str) -> str:
    lines = (line.strip() for line in re.split(r"[\r\n]+", text))
    return " ".join(line for line in lines if line)


def escaped(text: str) -> str:
    return SIGN.sub(r"\1\\", LINE_END.sub("\n", text))


def _step(place, step):
    number = f"{place}. "
    if "shared" in step:
        yield f"{number}{SHARED}{one_line(step['title'])}"
        return
    yield _hung(number, as_own(step["action"]), "   ")
    if step["data"]:
        yield _hung("   - Data: ", step["data"], "     ")
    if step["expected"]:
        yield _hung("   - Expected: ", step["expected"], "     ")


def _hung(sign, text, indent):
    """The text behind a sign; its further lines are indented, so that they belong to it."""
    first, *others = LINE_END.sub("\n", text).split("\n")
    return "\n".join([sign + first, *(indent + escaped(line) for line in others)])
