from django import forms
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from apps.projects.forms import ProjectScopedForm

from .custom_fields import ValuesRefused, clean_custom
from .form_fields import (
    WRITE_MARKDOWN,
    EntriesField,
    EstimateField,
    addresses_of_members,
    field_for,
)
from .models import Case, SavedFilter, SharedSteps, Suite
from .owners import OwnerField
from .placing import STUCK
from .query import QueryError, parse
from .step_forms import lines
from .suites import NAME_TAKEN, WITHIN_ITSELF, SuiteField, is_name_taken, state_of
from .tags import problem_of, tidy
from .tree import LONGEST_SUITE_NAME

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
        names = sorted({tidy(name) for name in text.split(",")} - {""})
        if problem := next(filter(None, map(problem_of, names)), ""):
            raise forms.ValidationError(problem)
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


class CaseForm(ProjectScopedForm):
    """What a case says, but for its steps; `version` is the one that the form was opened at.

    The project's own fields stand among the others as custom_…, and are cleaned to `custom`.
    """

    suite = SuiteField(required=False, nowhere="No suite", help_text=TYPED)
    owner = OwnerField()
    estimate_seconds = EstimateField(
        label="Estimate", required=False, help_text="1h 30m, 45m, or 90 for minutes."
    )
    tags = TagsField(required=False, help_text="With commas between them.")
    links = EntriesField(
        entries="links",
        required=False,
        widget=lines(2),
        help_text="One a line: what it is, if you like, and its address at the end.",
    )
    requirements = EntriesField(
        entries="requirements",
        required=False,
        widget=lines(2),
        help_text="What the case verifies, one a line: its name, then its address if it has one.",
    )
    aliases = KeysField(
        label="Former keys",
        required=False,
        help_text="One a line. Results under these names count for this case too.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Case
        fields = [
            "title", "suite", "kind", "status", "priority", "severity", "owner",
            "estimate_seconds", "description", "preconditions", "links", "requirements",
            "automation_key",
        ]  # fmt: skip
        widgets = {
            "title": forms.TextInput(attrs={"autofocus": True}),
            "automation_key": forms.TextInput(attrs={"spellcheck": "false"}),
            "description": lines(4, **WRITE_MARKDOWN),
            "preconditions": lines(3, **WRITE_MARKDOWN),
        }

    def scope_choices(self):
        self.fields["severity"].required = False
        self.fields["title"].widget.attrs |= self._asks_for_similar()
        self.fields["suite"].offer(self.project, self.instance.suite)
        members = SimpleLazyObject(lambda: addresses_of_members(self.project))
        self.fields["owner"].offer(self.project, self.instance.owner_id)
        self.definitions = {
            f"custom_{field.pk.hex}": field for field in self.project.custom_fields.all()
        }
        values = self._values_at_first()
        for name, definition in self.definitions.items():
            value = values.get(definition.name)
            self.fields[name] = field_for(definition, value, members)
            self.initial.setdefault(name, value)

    def _asks_for_similar(self):
        """Says, as a title is typed, which cases have one that is close to it."""
        but = {} if self.instance._state.adding else {"but": self.instance.number}
        return {
            "hx-get": reverse("cases:similar", args=[self.project.key], query=but),
            "hx-trigger": "input changed delay:400ms",
            "hx-target": "#similar",
            "hx-sync": "this:replace",
        }

    def _values_at_first(self):
        if "custom" in self.initial:
            return self.initial["custom"]
        if not self.instance._state.adding:
            return self.instance.custom
        return {field.name: field.default for field in self.definitions.values()}

    @property
    def own_fields(self):
        """The bound fields of the project's own, in their order."""
        return [self[name] for name in self.definitions]

    def clean_severity(self):
        """Who does not say it leaves it as it is."""
        return self.cleaned_data["severity"] or self.instance.severity

    def clean(self):
        cleaned = super().clean()
        values = {field.name: cleaned.pop(name, None) for name, field in self.definitions.items()}
        before = None if self.instance._state.adding else self.instance.custom
        try:
            cleaned["custom"] = clean_custom(self.project, values, before=before)
        except ValuesRefused as refusal:
            self._add_values_refused(refusal)
        return cleaned

    def _add_values_refused(self, refusal):
        """Say at each of the project's own fields what does not fit."""
        names = {field.name: name for name, field in self.definitions.items()}
        for field, sentence in refusal.errors.items():
            if names.get(field) not in self.errors:
                self.add_error(names.get(field), sentence)

    def typed(self):
        """What was sent, as the initial values of another form."""
        return {
            name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name, field in self.fields.items()
        }


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
    """A suite and how its tests run."""

    parent = SuiteField(label="Lies in", required=False, nowhere="The top", help_text=TYPED)
    owner = OwnerField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Suite
        fields = [
            "name", "parent", "description", "owner", "execution_order", "timeout_seconds",
            "parallel_safe", "prerequisites",
        ]  # fmt: skip
        labels = {"execution_order": "Order of execution", "parallel_safe": "Runs in parallel"}
        widgets = {
            "name": forms.TextInput(attrs={"autofocus": True}),
            "description": lines(3),
            "prerequisites": lines(2),
        }

    def scope_choices(self):
        self.fields["parent"].offer(self.project, self.instance.parent)
        self.fields["owner"].offer(self.project, self.instance.owner_id)
        self.fields["execution_order"].required = False
        if self.instance._state.adding:
            del self.fields["seen"]
        else:
            self.initial["seen"] = state_of(self.instance)

    def clean_execution_order(self):
        return self.cleaned_data["execution_order"] or 0

    def clean(self):
        """A name that is taken is told at the field; the constraint would tell it of the form."""
        cleaned = super().clean()
        if not self.instance._state.adding and cleaned.get("parent") == self.instance:
            self.add_error("parent", forms.ValidationError(WITHIN_ITSELF, code="cycle"))
        if "name" in cleaned and "parent" in cleaned:
            but = None if self.instance._state.adding else self.instance.pk
            if is_name_taken(self.project, cleaned["name"], cleaned["parent"], but=but):
                self.add_error("name", forms.ValidationError(NAME_TAKEN, code="unique"))
        return cleaned


class SuiteCopyForm(forms.Form):
    name = forms.CharField(
        max_length=LONGEST_SUITE_NAME, widget=forms.TextInput(attrs={"autofocus": True})
    )
    parent = SuiteField(label="Lies in", required=False, nowhere="The top", help_text=TYPED)

    def __init__(self, *args, project, suite, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].offer(project, suite.parent)


class InTree(forms.Form):
    """What the script of the tree sends; suites by their ids."""

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        for name in {"parent", "before"} & set(self.fields):
            self.fields[name].queryset = project.suites.all()


def by_id():
    gone = {"invalid_choice": "The suite is gone; reload the tree."}
    return forms.ModelChoiceField(Suite.objects.none(), required=False, error_messages=gone)


class SuiteNameForm(InTree):
    name = forms.CharField(
        max_length=LONGEST_SUITE_NAME, error_messages={"required": "A suite needs a name."}
    )
    parent = by_id()


class PlaceForm(InTree):
    to = forms.ChoiceField(choices=[(direction, direction) for direction in STUCK], required=False)
    parent = by_id()
    before = by_id()


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
