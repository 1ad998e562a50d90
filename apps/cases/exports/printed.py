"""Cases as a page for paper, by the styles of the site and without scripts."""

from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.utils import timezone

from ..content import CHOICES, duration, value_text
from .choice import Told
from .writer import Writer

HERE = "<!-- cases -->"
"""In the page's template: where the cases come."""


class PrintedPage(Writer):
    def head(self) -> bytes:
        count = len(self.chosen.numbers)
        context = {"project": self.project, "count": count, "at": timezone.now(), "here": HERE}
        head, self.foot = render_to_string("cases/print.html", context).split(HERE)
        self.suite: object = self
        self.fields = [field.name for field in self.project.custom_fields.all()]
        return head.encode()

    def part(self, cases: list[Told]) -> bytes:
        owners = {case.owner for case in cases if case.owner}
        self.people = get_user_model().objects.in_bulk(owners)
        rows = [self.shown(case) for case in cases]
        return render_to_string(
            "cases/_printed.html", {"rows": rows, "project": self.project}
        ).encode()

    def end(self) -> bytes:
        return self.foot.encode()

    def shown(self, case: Told) -> dict:
        begins = case.suite != self.suite
        self.suite = case.suite
        facts = [(name, value) for name, value in self.facts(case) if value]
        return {"key": case.key, "says": case.says, "begins": begins, "facts": facts}

    def facts(self, case: Told):
        says = case.says
        words = {name: labels.get(says[name], says[name]) for name, labels in CHOICES.items()}
        yield "Kind", words["kind"]
        yield "Status", "Archived" if case.is_archived else words["status"]
        yield "Priority", says["priority"]
        yield "Severity", words["severity"]
        yield "Owner", self.people[case.owner].display_name if case.owner in self.people else ""
        if says["estimate_seconds"] is not None:
            yield "Estimate", duration(says["estimate_seconds"])
        yield "Tags", ", ".join(says["tags"])
        yield "Requirements", ", ".join(entry.get("name", "") for entry in says["requirements"])
        yield "Automation key", says["automation_key"]
        for name in self.fields:
            yield name, value_text(says["custom"].get(name))
