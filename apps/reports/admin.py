from django.contrib import admin

from apps.projects.admin import ReadOnlyAdmin

from .models import Report, ReportArtifact


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["title", "project", "number", "detail", "created_by", "made_at"]
    list_filter = ["project", "detail"]
    list_select_related = ["project", "created_by"]
    search_fields = ["title", "=number"]
    date_hierarchy = "made_at"
    fields = readonly_fields = [
        "project",
        "number",
        "title",
        "detail",
        "first_number",
        "last_number",
        "content",
        "created_by",
        "created_at",
        "made_at",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("content")


@admin.register(ReportArtifact)
class ReportArtifactAdmin(ReadOnlyAdmin):
    list_display = ["artifact", "report", "project"]
    list_filter = ["project"]
    list_select_related = ["artifact", "report", "project"]
    search_fields = ["artifact__name", "report__title"]
    fields = readonly_fields = ["project", "report", "artifact"]
