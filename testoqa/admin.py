"""The administration of what no app of ours owns."""

from django.contrib import admin
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateJob

admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(ProcrastinateJobAdmin):
    """Procrastinate's own, which has no search."""

    search_fields = ["=id", "task_name", "lock", "queueing_lock", "args"]
    search_help_text = "By number, task, lock, or anything within the arguments."
