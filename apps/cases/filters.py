"""How lists of cases and suites are narrowed, the same on the page and in the API."""

import hashlib
import re
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q

from .forms import PlainSelect
from .models import Case, Suite
from .tree import branch_within

NONE = "none"


class SuiteField(forms.CharField):
    """The id of a suite, or “none” for cases outside every suite."""

    def clean(self, value):
        value = super().clean(value)
        if value in ("", NONE):
            return value
        try:
            return UUID(value)
        except ValueError:
            raise forms.ValidationError(
                "Write the id of a suite, or none.", code="invalid"
            ) from None


class SuiteFilter(django_filters.CharFilter):
    field_class = SuiteField


class CaseFilter(django_filters.FilterSet):
    """Narrows the cases of a project, which the door has found."""

    q = django_filters.CharFilter(
        method="by_text", label="Search", help_text="Words of the title, or a key such as WEB-12."
    )
    suite = SuiteFilter(
        method="by_suite", label="Suite", help_text="Id of a suite, with all below it; or none."
    )
    status = django_filters.ChoiceFilter(
        choices=Case.Status, label="Status", empty_label="Any status", widget=PlainSelect
    )
    kind = django_filters.ChoiceFilter(
        choices=Case.Kind, label="Kind", empty_label="Any kind", widget=PlainSelect
    )
    priority = django_filters.ChoiceFilter(
        choices=Case.Priority, label="Priority", empty_label="Any priority", widget=PlainSelect
    )
    tag = django_filters.CharFilter(field_name="case_tags__tag__name", label="Tag")
    automation_key = django_filters.CharFilter(
        method="by_automation_key", label="Automation key", help_text="The whole key."
    )
    archived = django_filters.BooleanFilter(
        method="by_archived", label="Archived", help_text="true for the archived ones alone."
    )

    class Meta:
        model = Case
        fields = []

    def __init__(self, *args, project=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project

    def filter_queryset(self, queryset):
        """Archived cases show only when they are asked for."""
        if self.form.cleaned_data.get("archived") is None:
            queryset = self.by_archived(queryset, "archived", False)
        return super().filter_queryset(queryset)

    def by_text(self, cases, name, text):
        number = re.fullmatch(rf"(?:{re.escape(self.project.key)}-|#)?(\d{{1,9}})", text, re.I)
        matches = Q(title__icontains=text)
        if number:
            matches |= Q(number=int(number[1]))
        return cases.filter(matches)

    def by_suite(self, cases, name, suite):
        if suite == NONE:
            return cases.filter(suite=None)
        return cases.filter(suite__in=branch_within(self.project, suite))

    def by_automation_key(self, cases, name, key):
        return cases.filter(automation_hash=hash_of(key), automation_key=key)

    def by_archived(self, cases, name, archived):
        return cases.filter(archived_at__isnull=not archived)


def hash_of(key):
    """What the column automation_hash holds for a key, so that the index is used."""
    return UUID(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest())


class PageCaseFilter(CaseFilter):
    """With the fields as the list's page shows them."""

    tag = django_filters.CharFilter(
        field_name="case_tags__tag__name",
        label="Tag",
        widget=forms.TextInput(
            attrs={"list": "tags", "placeholder": "Any tag", "autocomplete": "off"}
        ),
    )
    archived = django_filters.BooleanFilter(
        method="by_archived", label="Archived", widget=forms.CheckboxInput
    )

    def is_filtered(self):
        """Whether more than the suite narrows the list."""
        return any(value for name, value in self.form.cleaned_data.items() if name != "suite")


class SuiteListFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        field_name="path", lookup_expr="icontains", help_text="Words of the path."
    )
    parent = SuiteFilter(method="by_parent", help_text="Id of the suite above; or none.")

    class Meta:
        model = Suite
        fields = []

    def by_parent(self, suites, name, parent):
        return suites.filter(parent=None if parent == NONE else parent)
