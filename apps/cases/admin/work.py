"""What people do with cases, to be looked at: comments, reviews, changes of many, imports."""

from django.contrib import admin

from apps.projects.admin import ReadOnlyAdmin

from ..models import (
    BulkChange,
    BulkItem,
    CaseImport,
    CaseImportRow,
    CaseOrigin,
    Comment,
    CustomField,
    Mention,
    Review,
    SavedFilter,
    SharedSteps,
)


class WorkAdmin(ReadOnlyAdmin):
    list_filter = ["project"]

    def get_fields(self, request, obj=None):
        return [field.name for field in self.opts.fields if field.name not in ("id", "upload")]


@admin.register(Comment)
class CommentAdmin(WorkAdmin):
    list_display = ["case", "body", "project", "created_by", "created_at"]
    list_select_related = ["case", "project", "created_by"]
    search_fields = ["body", "case__title"]


@admin.register(Mention)
class MentionAdmin(WorkAdmin):
    list_display = ["user", "comment", "project", "read_at"]
    list_select_related = ["user", "comment", "project"]
    search_fields = ["user__email", "comment__body"]


@admin.register(Review)
class ReviewAdmin(WorkAdmin):
    list_display = ["case", "version", "state", "project", "asked_by", "decided_by", "asked_at"]
    list_select_related = ["case", "project", "asked_by", "decided_by"]
    list_filter = ["project", "state"]
    search_fields = ["case__title", "note"]


@admin.register(SharedSteps)
class SharedStepsAdmin(WorkAdmin):
    list_display = ["title", "project", "version", "updated_at"]
    list_select_related = ["project"]
    search_fields = ["title"]


@admin.register(CustomField)
class CustomFieldAdmin(WorkAdmin):
    list_display = ["name", "kind", "required", "project", "position"]
    list_select_related = ["project"]
    search_fields = ["name"]


@admin.register(SavedFilter)
class SavedFilterAdmin(WorkAdmin):
    list_display = ["name", "query", "project", "created_by", "is_shared"]
    list_select_related = ["project", "created_by"]
    search_fields = ["name", "query"]


@admin.register(BulkChange)
class BulkChangeAdmin(WorkAdmin):
    list_display = ["verb", "total", "done", "state", "project", "created_by", "created_at"]
    list_select_related = ["project", "created_by"]
    list_filter = ["project", "state", "verb"]
    search_fields = ["verb"]


@admin.register(BulkItem)
class BulkItemAdmin(WorkAdmin):
    list_display = ["change", "case", "project", "version"]
    list_select_related = ["change", "case", "project"]
    search_fields = ["case__title"]


@admin.register(CaseImport)
class CaseImportAdmin(WorkAdmin):
    list_display = ["filename", "format", "state", "project", "created_by", "created_at"]
    list_select_related = ["project", "created_by"]
    list_filter = ["project", "state", "format"]
    search_fields = ["filename"]


@admin.register(CaseImportRow)
class CaseImportRowAdmin(WorkAdmin):
    list_display = ["case_import", "row", "outcome", "case", "reason"]
    list_select_related = ["case_import", "case", "project"]
    list_filter = ["project", "outcome"]
    search_fields = ["title", "reason"]


@admin.register(CaseOrigin)
class CaseOriginAdmin(WorkAdmin):
    list_display = ["case", "source", "external_id", "project"]
    list_select_related = ["case", "project"]
    list_filter = ["project", "source"]
    search_fields = ["external_id", "case__title"]
