"""Cases as Markdown: a heading for each suite, below it its cases.

A line of a text that begins like a sign of the form has a backslash before it.
"""

import re

from ..content import duration, value_text
from ..models import Case
from .columns import named
from .jsonfile import in_order
from .writer import Writer

SIGN = re.compile(r"^(\s*)(?=\\*(?:#|[-*] |\d+[.)]))", re.MULTILINE)
LISTED = {
    "Kind": "kind", "Status": "status", "Priority": "priority", "Severity": "severity",
}  # fmt: skip


class MarkdownFile(Writer):
    def head(self) -> bytes:
        self.suite: object = self
        self.fields = [field.name for field in self.project.custom_fields.all()]
        return b""

    def part(self, cases: list[Case]) -> bytes:
        return "".join(f"{line}\n" for case in cases for line in self.lines(case)).encode()

    def lines(self, case: Case):
        if case.suite_id != self.suite:
            self.suite = case.suite_id
            yield f"# {one_line(case.suite.path) if case.suite else ''}".rstrip()
            yield ""
        yield f"## {one_line(case.title)}"
        yield ""
        for name, value in self.facts(case):
            if value:
                yield f"- {name}: {one_line(value)}"
        for name, text in (
            ("Description", case.description),
            ("Preconditions", case.preconditions),
        ):
            if text:
                yield from ["", f"### {name}", "", escaped(text)]
        if steps := in_order(case):
            yield from ["", "### Steps", ""]
            for place, step in enumerate(steps, 1):
                yield from _step(place, step)
        yield ""

    def facts(self, case: Case):
        yield "Key", case.key
        for name, attribute in LISTED.items():
            yield name, getattr(case, attribute)
        yield "Owner", case.owner.email if case.owner else ""
        if case.estimate_seconds is not None:
            yield "Estimate", duration(case.estimate_seconds)
        yield "Tags", ", ".join(case.tags)
        yield "Requirements", named(case.requirements, "name").replace("\n", ", ")
        yield "Links", named(case.links, "title").replace("\n", ", ")
        yield "Automation key", case.automation_key
        yield "Former keys", ", ".join(case.former_keys)
        yield "Archived", "yes" if case.is_archived else ""
        for name in self.fields:
            yield name, value_text(case.custom.get(name))


def one_line(text: str) -> str:
    return " ".join(text.split())


def escaped(text: str) -> str:
    return SIGN.sub(r"\1\\", text.replace("\r\n", "\n"))


def _step(place, step):
    number = f"{place}. "
    if step.shared:
        yield f"{number}Shared: {one_line(step.shared.title)}"
        return
    yield _hung(number, step.action, "   ")
    if step.data:
        yield _hung("   - Data: ", step.data, "     ")
    if step.expected:
        yield _hung("   - Expected: ", step.expected, "     ")


def _hung(sign, text, indent):
    """The text behind a sign; its further lines are indented, so that they belong to it."""
    first, *others = text.replace("\r\n", "\n").split("\n")
    return "\n".join([sign + first, *(indent + escaped(line) for line in others)])
