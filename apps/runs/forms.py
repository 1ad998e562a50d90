from django import forms

from apps.cases.suites import SuiteField
from apps.projects.environments import name_meant
from apps.projects.forms import BoundedChoiceField, ProjectScopedForm

from .models import Run
from .planning import manual_cases


class RunForm(ProjectScopedForm):
    """A new run; one by hand takes the manual cases of its suite, or of the whole project."""

    suite = SuiteField(
        required=False,
        nowhere="The whole project",
        help_text="The cases of this suite and below: its path, offered as you type.",
    )

    class Meta:
        model = Run
        fields = ["name", "environment", "kind", "suite", "branch", "commit"]
        field_classes = {"environment": BoundedChoiceField}
        widgets = {"kind": forms.RadioSelect}
        help_texts = {
            "kind": "Manual: its cases wait to be executed. Automated: it waits for results.",
            "branch": "New failures are judged by the last run of the same branch.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = []
        self.fields["kind"].initial = Run.Kind.MANUAL
        environments = self.fields["environment"]
        environments.empty_label = None
        environments.initial = environments.queryset.filter(name="local").first()

    def scope_choices(self):
        super().scope_choices()
        self.fields["suite"].offer(self.project)

    def clean(self):
        fields = super().clean()
        if fields.get("kind") == Run.Kind.MANUAL and "suite" not in self.errors:
            self.cases = list(manual_cases(self.project, fields.get("suite")))
            if not self.cases:
                where = fields.get("suite") or "this project"
                self.add_error(
                    "suite", f"There is no manual case in {where}. Choose another suite."
                )
        return fields


class RunFilterForm(forms.Form):
    """What the list of runs is narrowed by; a value that is not understood is left out."""

    q = forms.CharField(required=False, max_length=200)
    status = forms.ChoiceField(required=False, choices=[("", "Any status"), *Run.Status.choices])
    environment = BoundedChoiceField(
        None, required=False, to_field_name="name", empty_label="Any environment"
    )
    branch = forms.CharField(required=False, max_length=255)

    def __init__(self, query, *, project):
        query = query.copy()
        if named := query.get("environment"):
            query["environment"] = name_meant(named)
        super().__init__(query)
        self.fields["environment"].queryset = project.environments.all()
        self.fields["q"].widget.attrs = {"type": "search"}
        self.is_valid()

    @property
    def asked(self):
        """The narrowing in force, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class GuestForm(forms.Form):
    """Somebody outside the project, by their address."""

    email = forms.EmailField(label="E-mail address")
    may_execute = forms.BooleanField(label="May judge its tests by hand", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="guest_%s", **kwargs)
