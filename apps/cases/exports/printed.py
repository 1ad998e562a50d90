"""Cases as a page for paper, by the styles of the site and without scripts."""

from django.template.loader import render_to_string
from django.utils import timezone

from ..content import duration, value_text
from ..models import Case
from .jsonfile import in_order
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

    def part(self, cases: list[Case]) -> bytes:
        rows = [self.shown(case) for case in cases]
        return render_to_string(
            "cases/_printed.html", {"rows": rows, "project": self.project}
        ).encode()

    def end(self) -> bytes:
        return self.foot.encode()

    def shown(self, case: Case) -> dict:
        begins = case.suite_id != self.suite
        self.suite = case.suite_id
        return {
            "case": case,
            "begins": begins,
            "facts": [(name, value) for name, value in self.facts(case) if value],
            "steps": in_order(case),
        }

    def facts(self, case: Case):
        yield "Kind", case.get_kind_display()
        yield "Status", "Archived" if case.is_archived else case.get_status_display()
        yield "Priority", case.priority
        yield "Severity", case.get_severity_display()
        yield "Owner", case.owner.display_name if case.owner else ""
        if case.estimate_seconds is not None:
            yield "Estimate", duration(case.estimate_seconds)
        yield "Tags", ", ".join(case.tags)
        yield "Requirements", ", ".join(entry.get("name", "") for entry in case.requirements)
        yield "Automation key", case.automation_key
        for name in self.fields:
            yield name, value_text(case.custom.get(name))
