"""What a person chooses of an import: the file, what its columns mean, and how it is taken."""

from django import forms
from django.utils.functional import cached_property

from ..form_fields import PlainSelect
from ..formats import TOOLS
from ..formats.csvfile import DELIMITERS
from ..formats.encodings import ENCODINGS
from ..models import Case
from ..suites import SuiteField
from .meaning import targets_of
from .uploads import STEP_WAYS, UNKNOWN

AS_FOUND = [("", "As found")]
SHOWN_VALUE = 120


class CaseFileForm(forms.Form):
    file = forms.FileField(
        label="File of cases",
        help_text="CSV, Excel (.xlsx), Markdown, our own JSON, or an export of TestRail, TestLink, "
        "Qase, Zephyr, Xray or Testmo.",
    )


class MappingForm(forms.Form):
    """A select for each column of the file, named column-0, column-1 …, and the options."""

    encoding = forms.ChoiceField(choices=AS_FOUND + list(ENCODINGS.items()), required=False)
    delimiter = forms.ChoiceField(
        choices=AS_FOUND + [(sign, name.capitalize()) for sign, name in DELIMITERS.items()],
        required=False,
    )
    sheet = forms.ChoiceField(required=False)
    suite = SuiteField(
        label="Into the suite",
        required=False,
        nowhere="The top",
        help_text="The suites of the file are made below it.",
    )
    steps = forms.ChoiceField(
        label="Several steps in one cell", choices=list(STEP_WAYS.items()), required=False
    )
    unknown = forms.ChoiceField(
        label="A word or person that is not known", choices=list(UNKNOWN.items()), required=False
    )
    status = forms.ChoiceField(
        label="Status where the file says none", choices=Case.Status, required=False
    )
    priority = forms.ChoiceField(
        label="Priority where the file says none", choices=Case.Priority, required=False
    )

    def __init__(self, data=None, *, arrival):
        options = arrival.options
        initial = {
            **{name: options.get(name) for name in self.base_fields},
            "status": options.get("status") or Case.Status.DRAFT,
            "priority": options.get("priority") or Case.Priority.P2,
            "unknown": options.get("unknown") or "leave",
        }
        super().__init__(data, initial=initial)
        self.arrival, self.columns = arrival, options.get("columns", [])
        suite = arrival.project.suites.filter(pk=options.get("suite") or None).first()
        self.fields["suite"].offer(arrival.project, suite)
        self.initial["suite"] = suite
        self._drop_what_does_not_fit(options)
        self._add_columns(arrival)

    def _drop_what_does_not_fit(self, options):
        if self.arrival.format != "csv":
            del self.fields["delimiter"]
        if self.arrival.format not in ("csv", "markdown"):
            del self.fields["encoding"]
        sheets = options.get("sheets", [])
        if len(sheets) > 1:
            self.fields["sheet"].choices = [(name, name) for name in sheets]
        else:
            del self.fields["sheet"]

    def _add_columns(self, arrival):
        targets = [("", "Leave it out"), *targets_of(arrival.project.custom_fields.all()).items()]
        for place, column in enumerate(self.columns):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=column,
                choices=targets,
                required=False,
                initial=arrival.mapping.get(column, ""),
                widget=PlainSelect,
            )

    @cached_property
    def rows(self):
        """[(field, a value of the column)] for the page."""
        sample = self.arrival.options.get("sample", [])
        return [
            (self[f"column-{place}"], self._example(column, sample))
            for place, column in enumerate(self.columns)
        ]

    @staticmethod
    def _example(column, sample):
        values = (row["cells"].get(column) for row in sample)
        value = next((value for value in values if value not in ("", None, [], {})), "")
        return _told(value)[:SHOWN_VALUE]

    @property
    def choices(self):
        """The fields that are no columns."""
        return [self[name] for name in self.fields if not name.startswith("column-")]

    @property
    def mapping(self):
        cleaned = self.cleaned_data
        return {
            column: cleaned[f"column-{place}"]
            for place, column in enumerate(self.columns)
            if cleaned.get(f"column-{place}")
        }

    @property
    def chosen(self):
        chosen = {name: self.cleaned_data.get(name) or "" for name in self.base_fields}
        suite = self.cleaned_data.get("suite")
        return chosen | {"suite": str(suite.pk) if suite else ""}


def tool_label(arrival) -> str:
    tool = TOOLS.get(arrival.options.get("tool") or "")
    return tool.label if tool else ""


def _told(value) -> str:
    if isinstance(value, dict):
        return " · ".join(str(inner) for inner in value.values() if inner)
    if isinstance(value, list):
        return ", ".join(map(_told, value))
    return str(value)
