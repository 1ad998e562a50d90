"""The form in which a project's own field is defined."""

from django import forms

from apps.projects.forms import ProjectScopedForm

from .content import value_text
from .custom_fields import NAME_TAKEN, is_name_taken
from .formats.several import joined
from .models import CustomField


class OptionsField(forms.CharField):
    """Options, one a line, cleaned to a list."""

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        text = super().to_python(value)
        self.run_validators(text)
        return [line.strip() for line in text.splitlines() if line.strip()]


class DefaultField(forms.CharField):
    """Of any kind, as people write it; the verb says whether it fits."""

    def prepare_value(self, value):
        if isinstance(value, list):
            return joined(value)
        return value if isinstance(value, str) else value_text(value)


class CustomFieldForm(ProjectScopedForm):
    options = OptionsField(
        label="Choices",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Of a field with one or several choices: one a line, in order.",
    )
    default = DefaultField(
        required=False,
        help_text=(
            "What a new case begins with: a text, a number, a date such as 2026-11-30, the address "
            "of a member, choices with commas between them (one that holds a comma in double "
            "quotes), or yes for a tick."
        ),
    )

    class Meta:
        model = CustomField
        fields = ["name", "kind", "required", "options", "default"]
        help_texts = {"required": "Whoever saves a case has to fill it in."}

    def clean_name(self):
        """A name that is taken is told at the field; the constraint would tell it of the form."""
        name = self.cleaned_data["name"]
        but = None if self.instance._state.adding else self.instance.pk
        if is_name_taken(self.project, name, but=but):
            raise forms.ValidationError(NAME_TAKEN, code="unique")
        return name
