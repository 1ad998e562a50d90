"""The administration of what no app of ours owns."""

import json

from django.contrib import admin
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateJob

ARGUMENTS_SHOWN = 200

admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(ProcrastinateJobAdmin):
    """Procrastinate's own has no search, and styles within its cells that our policy bars."""

    list_display = [
        "pk",
        "short_task_name",
        "arguments",
        "pretty_status",
        "last_event",
        "queue_name",
        "scheduled_at",
        "attempts",
    ]
    fields = [
        "arguments" if name == "pretty_args" else name for name in ProcrastinateJobAdmin.fields
    ]
    search_fields = ["=id", "task_name", "lock", "queueing_lock", "args"]
    search_help_text = "By number, task, lock, or anything within the arguments."

    @admin.display
    def arguments(self, job: ProcrastinateJob) -> str:
        text = json.dumps(job.args, ensure_ascii=False)
        return text if len(text) <= ARGUMENTS_SHOWN else f"{text[:ARGUMENTS_SHOWN]}…"

    @admin.display
    def last_event(self, job: ProcrastinateJob) -> str:
        # The queryset has fetched the events, the latest first.
        events = list(job.procrastinateevent_set.all())
        return f"{events[0].type} {events[0].at:%Y-%m-%d %H:%M:%S}" if events else ""
