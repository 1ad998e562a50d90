from django.contrib import admin

from apps.projects.admin import ReadOnlyAdmin

from .models import Run, RunArtifact


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["number", "name", "project", "status", "environment", "total", "created_at"]
    list_filter = ["state", "verdict", "kind", "project"]
    list_select_related = ["project", "environment"]
    search_fields = ["name", "=number", "=project__key", "run_key", "branch", "commit"]


@admin.register(RunArtifact)
class RunArtifactAdmin(ReadOnlyAdmin):
    list_display = ["artifact", "run", "project"]
    list_select_related = ["artifact", "run", "project"]
    search_fields = ["artifact__name", "run__name", "=project__key"]
