from django import forms

from .models import Report

LARGEST_NUMBER = 2**31 - 1


class ReportForm(forms.Form):
    """Which runs a report is of; `project` is where they are looked up."""

    run = forms.IntegerField(
        label="Run",
        min_value=1,
        max_value=LARGEST_NUMBER,
        help_text="The number of the run, e.g. 45.",
    )
    last_run = forms.IntegerField(
        label="To run",
        min_value=1,
        max_value=LARGEST_NUMBER,
        required=False,
        help_text="For a report of several runs: the number of the last one.",
    )
    detail = forms.ChoiceField(
        label="Detail",
        choices=Report.Detail,
        required=False,
        initial=Report.Detail.SUMMARY,
        widget=forms.RadioSelect,
    )
    title = forms.CharField(
        max_length=255, required=False, help_text="Made from the runs when it is empty."
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project

    def clean_run(self):
        return self._find(self.cleaned_data["run"])

    def clean_last_run(self):
        number = self.cleaned_data["last_run"]
        return self._find(number) if number else None

    def clean_detail(self):
        return self.cleaned_data["detail"] or Report.Detail.SUMMARY

    def clean(self):
        first, last = self.cleaned_data.get("run"), self.cleaned_data.get("last_run")
        if first and last and last.number < first.number:
            self.add_error("last_run", f"The last run comes before #{first.number}.")
        return self.cleaned_data

    def _find(self, number):
        run = self.project.runs.filter(number=number).first()
        if run is None:
            raise forms.ValidationError(f"{self.project.key} has no run #{number}.")
        return run
