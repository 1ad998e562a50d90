from django import forms

from apps.projects.forms import BoundedChoiceField

from .models import KNOWN_VERDICTS, LONGEST_NOTE, Verdict


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files; cleaned to a list."""

    widget = FilesInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files]


class ImportForm(forms.Form):
    """Result files and where they go; what is said beside them is checked by the intake."""

    file = FilesField(
        label="Result files",
        help_text="JUnit XML or JSON, also as .gz or .zip. Each file has a receipt of its own.",
    )
    run = BoundedChoiceField(
        None,
        label="Into",
        required=False,
        to_field_name="number",
        empty_label="A new run for each file",
    )
    name = forms.CharField(
        label="Name of the new run",
        max_length=255,
        required=False,
        help_text="The file's, if none.",
    )
    environment = BoundedChoiceField(None, required=False, to_field_name="name", empty_label="ci")
    branch = forms.CharField(max_length=255, required=False)
    commit = forms.CharField(max_length=255, required=False)
    ci_url = forms.URLField(label="Link to the CI job", max_length=2000, required=False)
    configuration = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "browser=firefox"}),
        help_text="One name=value a line. It tells the jobs of a matrix apart.",
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["run"].queryset = project.runs.unfinished().order_by("-number")
        self.fields["environment"].queryset = project.environments.exclude(name="ci")

    @property
    def sent(self):
        """The fields as a script would send them beside its file."""
        fields = {name: value for name, value in self.cleaned_data.items() if value}
        del fields["file"]
        if run := fields.get("run"):
            fields["run"] = run.number
        if environment := fields.get("environment"):
            fields["environment"] = environment.name
        return fields


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=[(name, Verdict(name).label) for name in KNOWN_VERDICTS])
    actual_result = forms.CharField(required=False, max_length=LONGEST_NOTE)
    note = forms.CharField(required=False, max_length=LONGEST_NOTE)
