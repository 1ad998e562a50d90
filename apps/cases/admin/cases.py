"""Cases and suites are looked at here and changed on the site, where a change leaves a version."""

import json

from django.contrib import admin, messages
from django.utils.html import format_html

from apps.projects.admin import ReadOnlyAdmin, ShortTexts
from apps.projects.refusals import Refused
from apps.projects.titles import on_page

from .. import lifecycle
from ..models import Case, CaseAlias, CaseArtifact, CaseStep, CaseTag, CaseVersion, Suite, Tag


class ReadOnlyInline(ShortTexts, admin.TabularInline):
    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class StepInline(ReadOnlyInline):
    model = CaseStep
    fields = ["position", "shared", "action", "expected", "data"]


class TagInline(ReadOnlyInline):
    model = CaseTag
    fields = ["tag"]
    verbose_name_plural = "tags"


class AliasInline(ReadOnlyInline):
    model = CaseAlias
    fields = ["automation_key"]
    verbose_name_plural = "former automation keys"


class VersionInline(ReadOnlyInline):
    model = CaseVersion
    fields = readonly_fields = ["number", "created_by", "created_at"]
    show_change_link = True


@admin.register(Suite)
class SuiteAdmin(ReadOnlyAdmin):
    list_display = ["path", "project", "position", "created_at"]
    list_filter = ["project"]
    list_select_related = ["project"]
    search_fields = ["path"]
    fields = [
        "project",
        "name",
        "path",
        "parent",
        "description",
        "owner",
        "position",
        "execution_order",
        "timeout_seconds",
        "parallel_safe",
        "prerequisites",
        "archived_at",
        "created_at",
    ]


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ["key", "title", "project", "suite", "kind", "status", "priority", "version"]
    list_display_links = ["key", "title"]
    list_filter = [
        "project",
        "kind",
        "status",
        "priority",
        ("archived_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["project", "suite"]
    search_fields = ["title", "automation_key", "number__exact"]
    date_hierarchy = "created_at"
    ordering = ["project", "number"]
    actions = ["archive", "restore"]
    inlines = [StepInline, TagInline, AliasInline, VersionInline]
    fields = [
        "project", "number", "title", "suite", "kind", "status", "priority", "severity",
        "owner", "estimate_seconds", "description", "preconditions", "links", "requirements",
        "custom", "automation_key", "version", "archived_at", "created_by", "created_at",
        "updated_at",
    ]  # fmt: skip

    @admin.action(description="Archive", permissions=["view"])
    def archive(self, request, cases):
        self._each(request, cases, lifecycle.archive_case)

    @admin.action(description="Restore", permissions=["view"])
    def restore(self, request, cases):
        self._each(request, cases, lifecycle.restore_case)

    def _each(self, request, cases, verb):
        for case in cases:
            try:
                verb(case, by=request.user)
            except Refused as refusal:
                messages.warning(request, str(refusal))


@admin.register(CaseVersion)
class CaseVersionAdmin(ReadOnlyAdmin):
    list_display = ["case", "number", "project", "created_by", "created_at"]
    list_filter = ["project"]
    list_select_related = ["case", "project", "created_by"]
    search_fields = ["case__title", "case__number__exact"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    fields = ["project", "case", "number", "note", "created_by", "created_at", "said"]
    readonly_fields = ["said"]

    @admin.display(description="content")
    def said(self, version):
        text = json.dumps(bounded(version.content), indent=2, ensure_ascii=False)
        return format_html("<pre>{}</pre>", text)


def bounded(content):
    """What a version holds, with as much of each text as a page shows."""
    if isinstance(content, dict):
        return {name: bounded(value) for name, value in content.items()}
    if isinstance(content, list):
        return [bounded(value) for value in content]
    return on_page(content) if isinstance(content, str) else content


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ["name", "project"]
    list_filter = ["project"]
    list_select_related = ["project"]
    search_fields = ["name"]
    fields = ["project", "name"]


@admin.register(CaseAlias)
class CaseAliasAdmin(ReadOnlyAdmin):
    list_display = ["automation_key", "case", "project"]
    list_filter = ["project"]
    list_select_related = ["case", "project"]
    search_fields = ["automation_key", "case__title"]
    fields = ["project", "case", "automation_key"]


@admin.register(CaseStep)
class CaseStepAdmin(ReadOnlyAdmin):
    list_display = ["case", "position", "action", "expected"]
    list_filter = ["project"]
    list_select_related = ["case", "project"]
    search_fields = ["action", "expected", "case__title"]
    fields = ["project", "case", "position", "shared", "action", "expected", "data"]


@admin.register(CaseTag)
class CaseTagAdmin(ReadOnlyAdmin):
    list_display = ["case", "tag", "project"]
    list_filter = ["project"]
    list_select_related = ["case", "tag", "project"]
    search_fields = ["tag__name", "case__title"]
    fields = ["project", "case", "tag"]


@admin.register(CaseArtifact)
class CaseArtifactAdmin(ReadOnlyAdmin):
    list_display = ["artifact", "case", "project"]
    list_filter = ["project"]
    list_select_related = ["artifact", "case", "project"]
    search_fields = ["artifact__name", "case__title"]
    fields = ["project", "case", "artifact"]
