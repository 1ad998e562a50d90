from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from apps.projects.forms import ProjectScopedForm

from .models import Case, SavedFilter, SharedSteps, Suite
from .query import QueryError, parse
from .step_forms import lines
from .suites import SuiteField

MOST_NAMES = 200  # tags of a case, and former keys
TYPED = "Its path, such as Checkout / Coupons; what fits is offered as you type."


def not_too_many(names, noun):
    if len(names) > MOST_NAMES:
        raise forms.ValidationError(f"A case has at most {MOST_NAMES} {noun}, not {len(names):,}.")
    return names


class TagsField(forms.CharField):
    """Names with commas between them, cleaned to a list."""

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        text = super().to_python(value)
        self.run_validators(text)  # which see the names afterwards, and would miss a NUL
        names = [" ".join(name.split()) for name in text.split(",")]
        names = sorted({name for name in names if name})
        if long := [name for name in names if len(name) > 60]:
            raise forms.ValidationError(f"A tag has at most 60 letters: “{long[0]}” has more.")
        return not_too_many(names, "tags")


class KeysField(forms.CharField):
    """Automation keys, one a line, cleaned to a list."""

    widget = lines(2)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        text = super().to_python(value)
        self.run_validators(text)
        keys = (line.strip() for line in text.splitlines())
        return not_too_many(sorted({key for key in keys if key}), "former keys")


class PlainSelect(forms.Select):
    """Without a template for each option, for pages that are asked for all day."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) == chosen else "", label)
                for key, label in self.choices
            ),
        )
        attrs = flatatt(self.build_attrs({**self.attrs, "name": name}, attrs))
        return format_html("<select{}>{}</select>", attrs, options)


class CaseForm(ProjectScopedForm):
    """What a case says, but for its steps; `version` is the one that the form was opened at."""

    suite = SuiteField(required=False, nowhere="No suite", help_text=TYPED)
    tags = TagsField(required=False, help_text="With commas between them.")
    aliases = KeysField(
        label="Former keys",
        required=False,
        help_text="One a line. Results under these names count for this case too.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Case
        fields = [
            "title", "suite", "kind", "status", "priority", "description", "preconditions",
            "automation_key",
        ]  # fmt: skip
        widgets = {
            "title": forms.TextInput(attrs={"autofocus": True}),
            "automation_key": forms.TextInput(attrs={"spellcheck": "false"}),
            "description": lines(3),
            "preconditions": lines(3),
        }

    def scope_choices(self):
        self.fields["suite"].offer(self.project, self.instance.suite)


class QuickForm(ProjectScopedForm):
    """What can be changed of a case where it stands in a list."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Case
        fields = ["title", "status", "priority"]
        widgets = {"title": forms.TextInput()}


class SharedStepsForm(ProjectScopedForm):
    """The title of shared steps; `version` is the one that the form was opened at."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = SharedSteps
        fields = ["title"]
        widgets = {"title": forms.TextInput(attrs={"autofocus": True})}

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())


class ShareForm(forms.Form):
    """Steps of a case, by their places, that become shared."""

    title = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autofocus": True}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    steps = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the steps that become shared."},
    )

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["steps"].choices = places


class SuiteForm(ProjectScopedForm):
    parent = SuiteField(label="Lies in", required=False, nowhere="The top", help_text=TYPED)

    class Meta:
        model = Suite
        fields = ["name", "parent", "description"]
        widgets = {
            "name": forms.TextInput(attrs={"autofocus": True}),
            "description": lines(3),
        }

    def scope_choices(self):
        self.fields["parent"].offer(self.project, self.instance.parent)


class FilterForm(ProjectScopedForm):
    """A saved filter; only those who may share one are asked whether to."""

    class Meta:
        model = SavedFilter
        fields = ["name", "query", "is_shared"]
        widgets = {"query": forms.TextInput(attrs={"spellcheck": "false"})}

    def __init__(self, *args, context, **kwargs):
        super().__init__(*args, project=context.project, **kwargs)
        self.instance.created_by = context.user

    def clean_query(self):
        try:
            parse(self.cleaned_data["query"])
        except QueryError as error:
            raise forms.ValidationError(str(error), code="query") from None
        return self.cleaned_data["query"]


class AttachForm(forms.Form):
    file = forms.FileField(label="File")
