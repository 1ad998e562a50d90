"""Rows of changes of many cases."""

from django.utils import timezone

from .cases import API, PROJECT, SEEN, SEEN_BY_API
from .row import Row

ASKED = "200 200 403 403 404 404 302"
DONE = "302 302 403 403 404 404 302"
DONE_BY_API = ("200 200 403 403 404 404 401", "200 403 404 401")


def bulk_change(things):
    return {"id": things.bulk_change.pk}


def fresh_change(things):
    """It ended just now, however long ago the setting was recorded: so it can be undone."""
    things.bulk_change.finished_at = timezone.now()
    things.bulk_change.save()
    return bulk_change(things)


def running_change(things):
    things.bulk_change.state = "running"
    things.bulk_change.save()
    return bulk_change(things)


def typed(things):
    return {"do": "priority", "case": str(things.case.number), "priority": "P0"}


def sent(things):
    return {"cases": [things.case.key], "set": {"priority": "P0"}}


ROWS = [
    Row("GET", f"{PROJECT}cases/changes/", SEEN),
    Row("GET", f"{PROJECT}cases/changes/new/", ASKED, query="?do=tag&case=12"),
    Row("POST", f"{PROJECT}cases/changes/new/", DONE, form=typed),
    Row("GET", f"{PROJECT}cases/changes/<uuid:id>/", SEEN, where=bulk_change),
    Row("POST", f"{PROJECT}cases/changes/<uuid:id>/stop/", DONE, where=running_change),
    Row("POST", f"{PROJECT}cases/changes/<uuid:id>/undo/", DONE, where=fresh_change),
    Row("POST", f"{API}cases/bulk/", *DONE_BY_API, json=sent),
    Row("GET", f"{API}cases/bulk/<uuid:id>/", *SEEN_BY_API, where=bulk_change),
    Row("POST", f"{API}cases/bulk/<uuid:id>/stop/", *DONE_BY_API, where=running_change),
    Row("POST", f"{API}cases/bulk/<uuid:id>/undo/", *DONE_BY_API, where=fresh_change),
]
