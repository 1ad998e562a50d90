"""A suite in a form: typed as its path, with paths offered, since a project may have thousands."""

import hashlib
from difflib import get_close_matches
from uuid import UUID

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.urls import reverse

from .models import Suite
from .tree import SEPARATOR

OFFERED, NAMED = 30, 3
LONGEST_COMPARED, MOST_COMPARED = 200, 10_000


NAME_TAKEN = "There is a suite of this name here already."
WITHIN_ITSELF = "A suite cannot lie within itself."


SAID = (
    "name", "parent_id", "description", "owner_id", "execution_order", "timeout_seconds",
    "parallel_safe", "prerequisites",
)  # fmt: skip


def state_of(suite) -> str:
    """Another text once anybody changes what the form of the suite shows."""
    said = repr([str(getattr(suite, name)) for name in SAID])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def is_name_taken(project, name, parent, *, but=None) -> bool:
    """Whether another suite beside it, an archived one too, has the name; `but` is an id."""
    siblings = project.suites.filter(parent=parent, name=name)
    return siblings.exclude(pk=but).exists() if but else siblings.exists()


def suites_like(suites, text):
    """Suites with the text in their path; no path holds what the database cannot."""
    return suites.none() if "\0" in text else suites.filter(path__icontains=text)


def paths_like(suites, text):
    """The first paths that hold the text; the first of all for none."""
    found = suites_like(suites, text) if text else suites
    return list(found.order_by("path", "id").values_list("path", flat=True)[:OFFERED])


def near_paths(suites, text):
    """Paths that somebody may have meant by one that does not exist, the likeliest first."""
    name = text.rsplit(SEPARATOR.strip(), 1)[-1].strip()
    if found := paths_like(suites, text) or (paths_like(suites, name) if name else []):
        return found[:NAMED]
    if len(text) > LONGEST_COMPARED:
        return []
    known = list(suites.values_list("path", flat=True)[:MOST_COMPARED])
    return _alike(text, known, str) or _alike(name, known, last_name)


def last_name(path):
    return path.rsplit(SEPARATOR, 1)[-1]


def _alike(text, paths, part):
    by_part = {part(path).lower(): path for path in reversed(paths)}
    return [by_part[near] for near in get_close_matches(text.lower(), by_part, NAMED, cutoff=0.7)]


class SuiteField(forms.ModelChoiceField):
    """A suite by its path. `offer` says whose suites, and which one it is now."""

    widget = forms.TextInput

    def __init__(self, *, nowhere, **kwargs):
        super().__init__(Suite.objects.none(), **kwargs)
        self.current = None
        self.widget.input_type = "search"
        self.widget.attrs |= {
            "list": "suites", "placeholder": nowhere, "autocomplete": "off", "spellcheck": "false",
            "hx-trigger": "input delay:200ms", "hx-target": "#suites", "hx-sync": "this:replace",
        }  # fmt: skip

    def offer(self, project, current=None):
        self.queryset, self.current = project.suites.filter(archived_at=None), current
        self.widget.attrs["hx-get"] = reverse("cases:suites", args=[project.key])

    @property
    def offered(self):
        return paths_like(self.queryset, "")

    def prepare_value(self, value):
        if isinstance(value, UUID):
            is_current = self.current is not None and value == self.current.pk
            value = self.current if is_current else self.queryset.filter(pk=value).first()
        return value.path if isinstance(value, Suite) else value

    def to_python(self, value):
        """The suite of this path; of several the present one, or else the oldest."""
        if value in self.empty_values:
            return None
        ProhibitNullCharactersValidator()(value)
        path = SEPARATOR.join(part.strip() for part in value.split(SEPARATOR.strip()))
        if self.current is not None and self.current.path in (value, path):
            return self.current
        exact = self.queryset.filter(path__in=[value, path]).order_by("id").first()
        alike = [exact] if exact else self.queryset.filter(path__iexact=path)[:2]
        if len(alike) != 1:
            raise forms.ValidationError(self._unknown(value), code="invalid_choice")
        return alike[0]

    def _unknown(self, text):
        near = " or ".join(f"“{path}”" for path in near_paths(self.queryset, text))
        advice = f"Did you mean {near}?" if near else "The list of cases shows the tree."
        return f"No suite has the path “{text}”. {advice}"
