from django.contrib import admin

from .models import Report


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):
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

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
