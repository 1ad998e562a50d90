from django.contrib import admin, messages
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html

from apps.projects.admin import ReadOnlyAdmin
from apps.projects.refusals import Refused

from . import lifecycle
from .models import Artifact


@admin.register(Artifact)
class ArtifactAdmin(ReadOnlyAdmin):
    list_display = [
        "name",
        "project",
        "content_type",
        "bytes",
        "created_by",
        "created_at",
    ]
    list_filter = ["project", "content_type"]
    list_select_related = ["project", "created_by"]
    search_fields = ["name"]
    date_hierarchy = "created_at"
    actions = ["remove"]
    fields = readonly_fields = [
        "project",
        "name",
        "content_type",
        "bytes",
        "hash",
        "file",
        "created_by",
        "created_at",
    ]

    @admin.display(description="size", ordering="size")
    def bytes(self, artifact):
        return filesizeformat(artifact.size)

    @admin.display(description="SHA-256")
    def hash(self, artifact):
        return format_html("<code>{}</code>", bytes(artifact.sha256).hex())

    @admin.action(description="Delete those that nothing holds")
    def remove(self, request, queryset):
        for artifact in queryset:
            try:
                lifecycle.delete_artifact(artifact, by=request.user)
            except Refused as refusal:
                messages.error(request, str(refusal))
