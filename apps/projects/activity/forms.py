from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone

from ..models import Project
from .rows import known_verb
from .words import KINDS, OWNERS_ALONE, WORDS, kind_of

MOST_OFFERED = 100


class ActivityFilterForm(forms.Form):
    """What the page is narrowed by; a value that is not understood is left out."""

    q = forms.CharField(required=False, max_length=200)
    person = forms.CharField(required=False, max_length=254, widget=forms.Select)
    verb = forms.CharField(required=False, max_length=60, widget=forms.Select)
    object = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    access = forms.BooleanField(required=False)

    def __init__(self, query, *, project, is_owner):
        super().__init__(query)
        self.fields["person"].widget.choices = [("", "Anybody"), *people(project, query)]
        self.fields["verb"].widget.choices = [("", "Anything"), *verbs(is_owner=is_owner)]
        for name in ("since", "until"):
            self.fields[name].widget.attrs["class"] = "in"
        self.is_valid()

    def clean_verb(self):
        verb = self.cleaned_data["verb"]
        if verb and not known_verb(verb):
            raise forms.ValidationError("There is no such verb.")
        return verb

    @property
    def asked(self):
        """The narrowing in force; days are those of the reader's calendar, both included."""
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        if "since" in asked:
            asked["since"] = midnight(asked["since"])
        if "until" in asked:
            asked["until"] = midnight(asked["until"], days=1)
        return asked


def midnight(day, days=0):
    try:
        moment = datetime.combine(day, time()) + timedelta(days=days)
        return timezone.make_aware(moment)
    except OverflowError:
        return None


def people(project: Project, query):
    """Members by their address, and whoever is asked for though they are none."""
    members = project.memberships.order_by("user__email")[:MOST_OFFERED]
    emails = [row.user.email for row in members.select_related("user")]
    asked = query.get("person", "")[:254]
    return [(email, email) for email in dict.fromkeys([*emails, *([asked] if asked else [])])]


def verbs(*, is_owner):
    """[(kind, [(verb, words)])]; the kind as a whole comes first in each."""
    return [
        (
            label,
            [(kind, f"{label}: all")]
            + [(verb, words) for verb, words in WORDS.items() if kind_of(verb) == kind],
        )
        for kind, label in KINDS.items()
        if is_owner or kind not in OWNERS_ALONE
    ]
