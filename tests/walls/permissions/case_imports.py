"""Rows of imports of cases."""

from django.core.files.uploadedfile import SimpleUploadedFile

from .cases import API, PROJECT, SEEN, SEEN_BY_API
from .row import Row

CHANGED = "302 302 403 403 404 404 302"


def waiting(things):
    return {"id": things.case_import.pk}


def file(things):
    return {"file": SimpleUploadedFile("cases.csv", b"Title,Steps\nPays by card,Pay\n")}


def mapped(things):
    return {"column-0": "title", "status": "draft", "priority": "P2", "steps": "auto"}


def tried(things):
    return {"dry_run": True}


ROWS = [
    Row("GET", f"{PROJECT}cases/import/", SEEN),
    Row("POST", f"{PROJECT}cases/import/", CHANGED, upload=file),
    Row("GET", f"{PROJECT}cases/import/<uuid:id>/", SEEN, where=waiting),
    Row(
        "POST", f"{PROJECT}cases/import/<uuid:id>/start/", CHANGED, where=waiting, form=mapped
    ),
    Row(
        "POST", f"{PROJECT}cases/import/<uuid:id>/fields/", "302 403 403 403 404 404 302",
        where=waiting,
    ),
    Row("POST", f"{PROJECT}cases/import/<uuid:id>/discard/", CHANGED, where=waiting),
    Row("GET", f"{PROJECT}cases/import/<uuid:id>/rows.csv", SEEN, where=waiting),
    Row("GET", f"{API}case-imports/", *SEEN_BY_API),
    Row(
        "POST", f"{API}case-imports/", "201 201 403 403 404 404 401", "201 403 404 401",
        upload=file,
    ),
    Row("GET", f"{API}case-imports/<uuid:id>/", *SEEN_BY_API, where=waiting),
    Row(
        "POST", f"{API}case-imports/<uuid:id>/start/", "202 202 403 403 404 404 401",
        "202 403 404 401", where=waiting, json=tried,
    ),
    Row(
        "POST", f"{API}case-imports/<uuid:id>/fields/", "200 403 403 403 404 404 401",
        "200 403 404 401", where=waiting,
    ),
    Row(
        "POST", f"{API}case-imports/<uuid:id>/discard/", "200 200 403 403 404 404 401",
        "200 403 404 401", where=waiting,
    ),
    Row("GET", f"{API}case-imports/<uuid:id>/rows/", *SEEN_BY_API, where=waiting),
]  # fmt: skip
