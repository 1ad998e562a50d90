"""Rows of a project's own fields, and of what the form of a case asks for."""

from django.core.files.uploadedfile import SimpleUploadedFile

from .row import Row

PROJECT = "projects/<str:key>/"
API = "api/v1/projects/<str:key>/"
SEEN = "200 200 200 200 404 404 302"
SEEN_BY_API = ("200 200 200 200 404 404 401", "200 200 404 401")
OWNERS_SEE = "200 403 403 403 404 404 302"
OWNERS_DO = "302 403 403 403 404 404 302"


def custom_field(things):
    return {"id": things.custom_field.pk}


def file_of_case(things):
    return {"number": things.case.number, "id": things.artifact.pk}


def picture(things):
    data = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
    return {"file": SimpleUploadedFile("screen.png", data)}


def new_field(things):
    return {"name": "Browser", "kind": "text"}


ROWS = [
    Row("GET", f"{PROJECT}cases/similar/", "200 200 403 403 404 404 302", query="?title=case"),
    Row("POST", f"{PROJECT}cases/attach/", "201 201 403 403 404 404 302", upload=picture),
    Row(
        "POST", f"{PROJECT}cases/<int:number>/files/<uuid:id>/remove/",
        "302 302 403 403 404 404 302", where=file_of_case,
    ),
    Row("GET", f"{PROJECT}settings/fields/", SEEN),
    Row("GET", f"{PROJECT}settings/fields/new/", OWNERS_SEE),
    Row("POST", f"{PROJECT}settings/fields/new/", OWNERS_DO, form=new_field),
    Row("GET", f"{PROJECT}settings/fields/<uuid:id>/", OWNERS_SEE, where=custom_field),
    Row(
        "POST", f"{PROJECT}settings/fields/<uuid:id>/", OWNERS_DO, where=custom_field,
        form=new_field,
    ),
    Row(
        "POST", f"{PROJECT}settings/fields/<uuid:id>/move/", OWNERS_DO, where=custom_field,
        form=lambda _: {"to": "1"},
    ),
    Row(
        "POST", f"{PROJECT}settings/fields/<uuid:id>/delete/", OWNERS_DO, where=custom_field,
    ),
    Row("GET", f"{API}fields/", *SEEN_BY_API),
    Row(
        "POST", f"{API}fields/", "201 403 403 403 404 404 401", "201 403 404 401", json=new_field
    ),
    Row("GET", f"{API}fields/<uuid:id>/", *SEEN_BY_API, where=custom_field),
    Row(
        "PATCH", f"{API}fields/<uuid:id>/", "200 403 403 403 404 404 401", "200 403 404 401",
        where=custom_field, json=new_field,
    ),
    Row(
        "DELETE", f"{API}fields/<uuid:id>/", "204 403 403 403 404 404 401", "204 403 404 401",
        where=custom_field,
    ),
]  # fmt: skip
