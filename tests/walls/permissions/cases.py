"""Rows of cases, suites and files."""

from django.core.files.uploadedfile import SimpleUploadedFile

from .row import Row

PROJECT = "projects/<str:key>/"
API = "api/v1/projects/<str:key>/"
SEEN = "200 200 200 200 404 404 302"
SEEN_BY_API = ("200 200 200 200 404 404 401", "200 200 404 401")


def case(things):
    return {"number": things.case.number}


def unused_case(things):
    return {"number": things.unused_case.number}


def archived_case(things):
    return {"number": things.archived_case.number}


def suite(things):
    return {"id": things.suite.pk}


def empty_suite(things):
    return {"id": things.empty_suite.pk}


def artifact(things):
    return {"id": things.artifact.pk}


def typed_case(things):
    steps = {"steps-TOTAL_FORMS": "0", "steps-INITIAL_FORMS": "0"}
    fields = {"title": "Pays by card", "kind": "manual", "status": "ready", "priority": "P1"}
    return fields | steps | {"version": "1"}


def new_case(things):
    return {"title": "Pays by card", "suite": str(things.suite.pk)}


def new_suite(things):
    return {"name": "Payment"}


def file(things):
    return {"file": SimpleUploadedFile("notes.txt", b"It was red.")}


ROWS = [
    Row("GET", f"{PROJECT}cases/", SEEN),
    Row("GET", f"{PROJECT}cases/new/", "200 200 403 403 404 404 302"),
    Row("POST", f"{PROJECT}cases/new/", "302 302 403 403 404 404 302", form=typed_case),
    Row("GET", f"{PROJECT}cases/<int:number>/", SEEN, where=case),
    Row("GET", f"{PROJECT}cases/<int:number>/edit/", "200 200 403 403 404 404 302", where=case),
    Row(
        "POST", f"{PROJECT}cases/<int:number>/edit/", "302 302 403 403 404 404 302",
        where=case, form=typed_case,
    ),
    Row("POST", f"{PROJECT}cases/<int:number>/archive/", "302 302 403 403 404 404 302", where=case),
    Row(
        "POST", f"{PROJECT}cases/<int:number>/restore/", "302 302 403 403 404 404 302",
        where=archived_case,
    ),
    Row(
        "POST", f"{PROJECT}cases/<int:number>/delete/", "302 302 403 403 404 404 302",
        where=unused_case,
    ),
    Row(
        "POST", f"{PROJECT}cases/<int:number>/attach/", "302 302 403 403 404 404 302",
        where=case, upload=file,
    ),
    Row("GET", f"{PROJECT}suites/", SEEN, query="?suite=a"),
    Row("GET", f"{PROJECT}suites/new/", "200 200 403 403 404 404 302"),
    Row("POST", f"{PROJECT}suites/new/", "302 302 403 403 404 404 302", form=new_suite),
    Row("GET", f"{PROJECT}suites/<uuid:id>/edit/", "200 200 403 403 404 404 302", where=suite),
    Row(
        "POST", f"{PROJECT}suites/<uuid:id>/edit/", "302 302 403 403 404 404 302",
        where=suite, form=new_suite,
    ),
    Row(
        "POST", f"{PROJECT}suites/<uuid:id>/delete/", "302 302 403 403 404 404 302",
        where=empty_suite,
    ),
    Row("GET", f"{PROJECT}artifacts/<uuid:id>/", SEEN, where=artifact),
    Row("GET", f"{API}suites/", *SEEN_BY_API),
    Row(
        "POST", f"{API}suites/", "201 201 403 403 404 404 401", "201 403 404 401", json=new_suite
    ),
    Row("GET", f"{API}suites/<uuid:id>/", *SEEN_BY_API, where=suite),
    Row(
        "PATCH", f"{API}suites/<uuid:id>/", "200 200 403 403 404 404 401", "200 403 404 401",
        where=suite, json=new_suite,
    ),
    Row(
        "DELETE", f"{API}suites/<uuid:id>/", "204 204 403 403 404 404 401", "204 403 404 401",
        where=empty_suite,
    ),
    Row("GET", f"{API}cases/", *SEEN_BY_API),
    Row("POST", f"{API}cases/", "201 201 403 403 404 404 401", "201 403 404 401", json=new_case),
    Row("GET", f"{API}cases/<int:number>/", *SEEN_BY_API, where=case),
    Row(
        "PATCH", f"{API}cases/<int:number>/", "200 200 403 403 404 404 401", "200 403 404 401",
        where=case, json=lambda _: {"title": "Pays by card"},
    ),
    Row(
        "DELETE", f"{API}cases/<int:number>/", "204 204 403 403 404 404 401", "204 403 404 401",
        where=unused_case,
    ),
    Row("GET", f"{API}artifacts/", *SEEN_BY_API),
    Row(
        "POST", f"{API}artifacts/", "201 201 201 403 404 404 401", "201 403 404 401", upload=file
    ),
    Row("GET", f"{API}artifacts/<uuid:id>/", *SEEN_BY_API, where=artifact),
    Row("GET", f"{API}artifacts/<uuid:id>/content/", *SEEN_BY_API, where=artifact),
]  # fmt: skip
