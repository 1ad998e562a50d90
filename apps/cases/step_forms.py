"""The steps of a case, or of shared steps, as a form of rows that are added, moved and left out."""

import json
from functools import cached_property
from uuid import UUID

from django import forms
from django.urls import reverse

from .content import MOST_STEPS, STEP_KEYS
from .models import SharedSteps
from .sharing import titled, titles_like

BLANK_STEPS = 3
SPARE = 50
"""Rows beyond those of a case that a form may send: blank ones, and those left out again."""
TOO_MANY = f"There are at most {MOST_STEPS} steps. Leave some out, or make another case of them."


def lines(rows, **attrs):
    return forms.Textarea(attrs={"rows": rows, **attrs})


class StepForm(forms.Form):
    """One step, or shared steps in its place: then `used` is the row that `shared` names."""

    action = forms.CharField(widget=lines(2), required=False)
    expected = forms.CharField(label="Expected result", widget=lines(2), required=False)
    data = forms.CharField(widget=lines(1), required=False)
    shared = forms.UUIDField(widget=forms.HiddenInput, required=False)
    inline = forms.BooleanField(label="Turn into plain steps", required=False)

    used: SharedSteps | None = None

    def clean(self):
        cleaned = super().clean()
        if self["shared"].value():
            if self.used is None:
                self.add_error("action", "These shared steps are gone. Leave this place out.")
        elif not cleaned.get("action") and (cleaned.get("expected") or cleaned.get("data")):
            self.add_error("action", "Say what is done in this step.")
        return cleaned

    @property
    def named(self):
        """The id that was sent, None for a step of the case's own."""
        value = self["shared"].value()
        try:
            return UUID(str(value)) if value else None
        except ValueError:
            return None

    @property
    def used_json(self):
        """For the script that turns them into plain steps."""
        return json.dumps(self.used.steps)

    def said(self):
        """[steps], as content_of a case holds them; what says nothing is left out."""
        if self.used is None:
            step = {key: self.cleaned_data.get(key, "") for key in STEP_KEYS}
            return [step] if any(step.values()) else []
        if self.cleaned_data.get("inline"):
            return self.used.steps
        return [{"shared": str(self.used.pk), "title": self.used.title, "steps": self.used.steps}]


class BaseStepFormSet(forms.BaseFormSet):
    offers_shared = True
    typed_title = title_error = ""

    def __init__(self, *args, project, **kwargs):
        self.project = project
        super().__init__(*args, **kwargs)

    @cached_property
    def forms(self):
        """With the shared steps that they name, read at once."""
        forms = super().forms
        named = {form.named for form in forms} - {None}
        if named:
            known = {row.pk: row for row in self.project.shared_steps.filter(pk__in=named)}
            for form in forms:
                form.used = known.get(form.named)
        return forms

    def clean(self):
        if not any(self.errors) and len(self.steps()) > MOST_STEPS:
            raise forms.ValidationError(TOO_MANY)

    def steps(self):
        """What the verb takes: the steps that say something, in the order given."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        places = {form: place for place, form in enumerate(kept)}
        kept.sort(key=lambda form: (form.cleaned_data.get("ORDER") or 10_000, places[form]))
        return [step for form in kept for step in form.said()]

    def row_of(self, used):
        """A row of these shared steps, for the script to give a number."""
        row = self.empty_form
        row.initial, row.used = {"shared": used.pk}, used
        return row

    @property
    def offered(self):
        return titles_like(self.project, "")

    @property
    def offered_url(self):
        return reverse("cases:shared_steps_offered", args=[self.project.key])

    @property
    def row_url(self):
        return reverse("cases:shared_steps_row", args=[self.project.key])


def step_formset(project, data=None, *, steps=(), blank=BLANK_STEPS):
    formset = forms.formset_factory(
        StepForm,
        formset=BaseStepFormSet,
        extra=blank,
        can_order=True,
        can_delete=True,
        max_num=MOST_STEPS,
        validate_max=True,
        absolute_max=MOST_STEPS + SPARE,
    )
    messages = {"too_many_forms": TOO_MANY}
    return formset(
        data, prefix="steps", initial=list(steps), project=project, error_messages=messages
    )


def with_more(project, data, steps, *, blank=BLANK_STEPS):
    """Without script: what was typed stays, and there are more empty rows, or shared steps."""
    kept = steps.steps() if steps.is_valid() else _raw(steps)
    title = " ".join(data.get("shared_title", "").split())
    wanted = "add_shared" in data
    used = titled(project, title) if wanted else None
    if used:
        kept.append({"shared": str(used.pk)})
    more = step_formset(project, steps=kept, blank=blank)
    if wanted and not used:
        more.typed_title, more.title_error = title, f"No shared steps are called “{title}”."
    return more


def _raw(steps):
    return [{name: form[name].value() or "" for name in form.base_fields} for form in steps.forms]
