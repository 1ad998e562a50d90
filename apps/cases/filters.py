"""How the lists of cases and suites in the API are narrowed."""

import hashlib
from uuid import UUID

import django_filters
from django import forms
from rest_framework.exceptions import ValidationError

from .form_fields import PlainSelect
from .models import Case, Suite
from .query import QueryError, condition, names_archived, parse
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
        method="by_query",
        label="Query",
        help_text="Words, a key such as WEB-12, and fields: `login tag:smoke priority:<=P1 "
        "-last:passed`. A query that is wrong is a 400 whose message names the column.",
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
        """Archived cases show only when they are asked for. Raises a 400 for a wrong query."""
        said = self.form.cleaned_data
        try:
            self.tree = parse(said.get("q", ""))
            if said.get("archived") is None and not names_archived(self.tree):
                queryset = self.by_archived(queryset, "archived", False)
            return super().filter_queryset(queryset)
        except QueryError as error:
            raise ValidationError({"q": [str(error)]}, code="query") from None

    def by_query(self, cases, name, text):
        return cases.filter(condition(self.tree, self.project, self.request.user))

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


class SuiteListFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        field_name="path", lookup_expr="icontains", help_text="Words of the path."
    )
    parent = SuiteFilter(method="by_parent", help_text="Id of the suite above; or none.")
    archived = django_filters.BooleanFilter(
        field_name="archived_at",
        lookup_expr="isnull",
        exclude=True,
        help_text="true for the archived ones alone, false for those in use.",
    )

    class Meta:
        model = Suite
        fields = []

    def by_parent(self, suites, name, parent):
        return suites.filter(parent=None if parent == NONE else parent)
