"""The daily search for files that no row knows."""

import re
from datetime import timedelta
from itertools import batched

from django.core.files.storage import default_storage
from django.utils import timezone
from procrastinate.contrib.django import app

from .lifecycle import delete_unlinked
from .models import Artifact

LEFT_ALONE = timedelta(days=1)
"""A younger file may belong to a transaction that has not ended yet."""

NEVER_SAVED = timedelta(days=30)
"""As long as a browser keeps the text that a picture was pasted into."""

OURS = re.compile(r"[0-9a-f]{32}")


@app.periodic(cron="17 3 * * *", periodic_id="sweep_files")
@app.task(name="artifacts.sweep_files", queueing_lock="artifacts.sweep_files")
def sweep_files(timestamp: int) -> int:
    """Remove files older than a day that belong to no artifact; returns how many."""
    removed = 0
    for folder in _folders():
        names = [
            f"{folder}/{name}" for name in default_storage.listdir(folder)[1] if _is_ours(name)
        ]
        for batch in batched(names, 1000, strict=False):
            removed += _sweep(folder, batch)
    return removed


@app.periodic(cron="37 3 * * *", periodic_id="sweep_unsaved")
@app.task(name="artifacts.sweep_unsaved", queueing_lock="artifacts.sweep_unsaved")
def sweep_unsaved(timestamp: int) -> int:
    """Remove pictures of texts that nobody saved within thirty days; returns how many."""
    latest = timezone.now() - NEVER_SAVED
    rows = Artifact.objects.exclude(unsaved_by=None).filter(created_at__lt=latest)
    removed = 0
    for artifact in rows.select_related("project").order_by("pk"):
        removed += delete_unlinked(artifact.project, [artifact.pk], by=None)
    return removed


def _folders():
    try:
        return [name for name in default_storage.listdir("")[0] if name.isdigit()]
    except FileNotFoundError:
        return []


def _is_ours(name):
    return OURS.fullmatch(name) is not None


def _sweep(folder, names):
    rows = Artifact.objects.filter(project_id=int(folder), file__in=names)
    known = set(rows.values_list("file", flat=True))
    latest = timezone.now() - LEFT_ALONE
    forgotten = [
        name
        for name in names
        if name not in known and default_storage.get_modified_time(name) < latest
    ]
    for name in forgotten:
        default_storage.delete(name)
    return len(forgotten)
