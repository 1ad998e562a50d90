"""What a form of a case holds besides texts: estimates, links, people, a project's own fields."""

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from apps.projects.refusals import Unprocessable

from .content import duration
from .estimates import parse_estimate
from .links import as_lines, clean_entries, parse_entries
from .models import CustomField

OFFERED = 100
WRITE_MARKDOWN = {"data-markdown": ""}
Kind = CustomField.Kind


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


class EstimateField(forms.CharField):
    """Typed as 1h 30m, cleaned to seconds."""

    def prepare_value(self, value):
        return duration(value) if isinstance(value, int) else value

    def to_python(self, value):
        text = super().to_python(value)
        self.run_validators(text)
        try:
            return parse_estimate(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class EntriesField(forms.CharField):
    """Links or requirements, one a line, cleaned to a list."""

    def __init__(self, *, entries, **kwargs):
        super().__init__(**kwargs)
        self.entries = entries

    def prepare_value(self, value):
        return as_lines(value) if isinstance(value, list) else value

    def to_python(self, value):
        text = super().to_python(value)
        self.run_validators(text)
        try:
            return clean_entries(parse_entries(text, self.entries), self.entries)
        except Unprocessable as refusal:
            raise forms.ValidationError(str(refusal)) from None


class OwnValuesField(forms.MultipleChoiceField):
    """Several of the options; what else is sent is refused by the verb."""

    def valid_value(self, value):
        return True


def addresses_of_members(project):
    """The first of the members' addresses, for a field to offer."""
    rows = project.memberships.of_people().order_by("user__email")
    return list(rows.values_list("user__email", flat=True)[:OFFERED])


def field_for(definition, value, members):
    """The form field of a project's own field, which holds `value`; its verb cleans it."""
    return MAKERS[definition.kind](definition, value, members)


def _text(definition, value, members):
    area = forms.Textarea(attrs={"rows": 2})
    return _typed(definition, area)


def _number(definition, value, members):
    return _typed(definition, forms.TextInput(attrs={"inputmode": "decimal"}))


def _date(definition, value, members):
    return _typed(definition, forms.DateInput(attrs={"type": "date"}))


def _url(definition, value, members):
    return _typed(definition, forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}))


def _person(definition, value, members):
    name = f"custom-{definition.pk.hex}"
    attrs = {"list": f"members-{name}", "autocomplete": "off", "spellcheck": "false"}
    field = _typed(definition, forms.TextInput(attrs=attrs))
    field.offered = members
    return field


def _choice(definition, value, members):
    offered = list(definition.options)
    if isinstance(value, str) and value not in offered:
        offered.append(value)
    choices = [("", "–"), *((option, option) for option in offered)]
    return _typed(definition, PlainSelect(choices=choices))


def _choices(definition, value, members):
    return OwnValuesField(
        label=definition.name,
        required=definition.required,
        choices=[(option, option) for option in definition.options],
        widget=forms.CheckboxSelectMultiple,
    )


def _checkbox(definition, value, members):
    return forms.BooleanField(label=definition.name, required=False)


def _typed(definition, widget):
    return forms.CharField(label=definition.name, required=definition.required, widget=widget)


MAKERS = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.DATE: _date,
    Kind.PERSON: _person,
    Kind.URL: _url,
    Kind.CHECKBOX: _checkbox,
}
