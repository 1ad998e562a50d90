from django.contrib import admin

from apps.projects.admin import ReadOnlyAdmin

from .models import Attempt, Evaluation, Execution, ExecutionArtifact, Import


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "project", "run", "state", "received", "stored", "created_at"]
    list_filter = ["state", "source", "project"]
    list_select_related = ["project", "run"]
    search_fields = ["filename", "=project__key", "=run__number"]


@admin.register(Execution)
class ExecutionAdmin(ReadOnlyAdmin):
    list_display = ["title", "project", "run", "status", "flaky", "new_failure", "duration_ms"]
    list_filter = ["state", "verdict", "flaky", "new_failure", "project"]
    list_select_related = ["project", "run"]
    search_fields = ["title", "=project__key", "=run__number"]


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["execution", "number", "verdict", "project", "run"]
    list_filter = ["verdict", "project"]
    list_select_related = ["execution", "project", "run"]
    search_fields = ["execution__title", "message", "=project__key"]


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    list_display = ["execution", "kind", "verdict", "created_by", "created_at", "project"]
    list_filter = ["kind", "verdict", "project"]
    list_select_related = ["execution", "created_by", "project"]
    search_fields = ["execution__title", "note", "=project__key"]


@admin.register(ExecutionArtifact)
class ExecutionArtifactAdmin(ReadOnlyAdmin):
    list_display = ["artifact", "execution", "run", "project"]
    list_select_related = ["artifact", "execution", "run", "project"]
    search_fields = ["artifact__name", "execution__title", "=project__key"]
