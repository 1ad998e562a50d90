from django import forms
from django.core.exceptions import ValidationError

from .environments import usable_name
from .models import Environment, Project


class FirstChoices(forms.models.ModelChoiceIterator):
    def __iter__(self):
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from map(self.choice, self.queryset[: self.field.most])


class BoundedSelect(forms.Select):
    """Offers what is chosen, and the default, also where they are not among the first."""

    def optgroups(self, name, value, attrs=None):
        groups = super().optgroups(name, value, attrs)
        offered = {str(option["value"]) for _, options, _ in groups for option in options}
        field = self.choices.field
        for key in dict.fromkeys([*value, str(field.prepare_value(field.initial) or "")]):
            if key not in offered and (row := field.find(key)):
                place = len(groups)
                choice = self.choices.choice(row)
                option = self.create_option(name, *choice, key in value, place, attrs=attrs)
                groups.append((None, [option], place))
        return groups


class BoundedChoiceField(forms.ModelChoiceField):
    """A select of the first `most` of any number of rows; the others are taken when sent."""

    most = 100
    iterator = FirstChoices
    widget = BoundedSelect

    def find(self, key):
        """The row of this key, None where there is none."""
        try:
            return self.to_python(key)
        except ValidationError:
            return None


class ProjectScopedForm(forms.ModelForm):
    """Gives its row a project and checks the row's constraints.

    A plain ModelForm skips every constraint that names a field it does not show. Choices are looked
    up through the project: a subclass narrows them in `scope_choices`.
    """

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = self.instance.project = project
        self.scope_choices()

    def scope_choices(self):
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = field.queryset.model.objects.filter(project=self.project)

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"project"}


class ProjectForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = ["key", "name", "description"]
        error_messages = {"key": {"unique": "This key is taken; choose another."}}
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def clean_key(self):
        return self.cleaned_data["key"].upper()


class ProjectSettingsForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = [
            "name",
            "description",
            "default_branch",
            "repeats",
            "review_required",
            "review_again",
            "second_factor",
        ]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class EnvironmentForm(ProjectScopedForm):
    class Meta:
        model = Environment
        fields = ["name"]

    def __init__(self, *args, **kwargs):
        # it stands beside other forms that have a name
        super().__init__(*args, auto_id="environment_%s", **kwargs)

    def clean_name(self):
        return usable_name(self.cleaned_data["name"])
