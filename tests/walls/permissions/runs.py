"""Rows of runs, executions, imports and reports."""

from django.core.files.uploadedfile import SimpleUploadedFile

from .row import Row

PROJECT = "projects/<str:key>/"
API = "api/v1/projects/<str:key>/"
SEEN = "200 200 200 200 404 404 302"
RAN = "302 302 302 403 404 404 302"
MANAGED = "302 302 403 403 404 404 302"
SEEN_ALONE = "403 403"
"""What a guest gets for the rest of the run that they see."""
SEEN_BY_API = ("200 200 200 200 404 404 401", "200 200 404 401")
JUNIT = b'<testsuite name="shop"><testcase classname="shop.Cart" name="adds"/></testsuite>'


def created_run(things):
    return {"number": things.created_run.number}


def run(things):
    return {"number": things.run.number}


def finished_run(things):
    return {"number": things.finished_run.number}


def execution(things):
    return {"number": things.run.number, "id": things.execution.pk}


def file_of_run(things):
    return {"number": things.run.number, "id": things.artifact.pk}


def guest(things):
    return {"number": things.run.number, "pk": things.guest.pk}


def new_guest(things):
    return {"email": things.newcomer.email, "may_execute": True}


def file_for_run(things):
    file = SimpleUploadedFile("server.log", b"It was red.")
    return {"file": file, "run": str(things.run.number)}


def sent(things):
    return {"id": things.sent.pk}


def report(things):
    return {"number": things.report.number}


def report_id(things):
    return {"id": things.report.number}


def new_run(things):
    environment = things.project.environments.get(name="staging")
    return {"name": "Release", "environment": environment.pk, "kind": "automated"}


def confirmation(things):
    return {"confirmation": f"#{things.finished_run.number}"}


def verdict(things):
    return {"verdict": "passed", "note": "A slow network."}


def result_file(things):
    return {"file": SimpleUploadedFile("junit.xml", JUNIT)}


def batch(things):
    return [{"name": "shop.Cart adds", "status": "passed", "duration_ms": 3}]


def created_by_script(things):
    return {"name": "Release", "environment": "staging"}


RAN_BY_API = ("200 200 200 403 404 404 401", "200 403 404 401")


def managed_by_api(code):
    return f"{code} {code} 403 403 404 404 401", f"{code} 403 404 401"


SENT_BY_API = ("201 201 201 403 404 404 401", "201 403 404 401")


def of_run(things):
    return {"run": things.run.number, "detail": "summary"}


ROWS = [
    Row("GET", f"{PROJECT}runs/", SEEN),
    Row("GET", f"{PROJECT}runs/new/", "200 200 200 403 404 404 302"),
    Row("POST", f"{PROJECT}runs/new/", RAN, form=new_run),
    Row("GET", f"{PROJECT}runs/<int:number>/", SEEN, where=run, guests="200 200"),
    Row(
        "GET", f"{PROJECT}runs/<int:number>/live/", SEEN,
        where=run, query="?since=0", guests="200 200",
    ),
    Row(
        "GET", f"{PROJECT}runs/<int:number>/executions/<uuid:id>/", SEEN,
        where=execution, guests="200 200",
    ),
    Row(
        "POST", f"{PROJECT}runs/<int:number>/executions/<uuid:id>/verdict/", RAN,
        where=execution, form=verdict, guests="403 302",
    ),
    Row(
        "GET", f"{PROJECT}runs/<int:number>/files/<uuid:id>/", SEEN,
        where=file_of_run, guests="200 200",
    ),
    Row(
        "POST", f"{PROJECT}runs/<int:number>/guests/", MANAGED,
        where=run, form=new_guest, guests=SEEN_ALONE,
    ),
    Row(
        "POST", f"{PROJECT}runs/<int:number>/guests/<uuid:pk>/remove/", MANAGED,
        where=guest, guests=SEEN_ALONE,
    ),
    Row("POST", f"{PROJECT}runs/<int:number>/start/", RAN, where=created_run),
    Row("POST", f"{PROJECT}runs/<int:number>/finish/", RAN, where=run, guests=SEEN_ALONE),
    Row("POST", f"{PROJECT}runs/<int:number>/cancel/", RAN, where=run, guests=SEEN_ALONE),
    Row("POST", f"{PROJECT}runs/<int:number>/abort/", MANAGED, where=run, guests=SEEN_ALONE),
    Row(
        "POST", f"{PROJECT}runs/<int:number>/delete/", MANAGED,
        where=finished_run, form=confirmation,
    ),
    Row("GET", f"{PROJECT}imports/", SEEN),
    Row("POST", f"{PROJECT}imports/", RAN, upload=result_file),
    Row("GET", f"{PROJECT}imports/<uuid:id>/", SEEN, where=sent),
    Row("POST", f"{PROJECT}imports/<uuid:id>/undo/", MANAGED, where=sent),
    Row("GET", f"{PROJECT}reports/", SEEN),
    Row("GET", f"{PROJECT}reports/new/", "200 200 200 403 404 404 302"),
    Row("POST", f"{PROJECT}reports/new/", RAN, form=of_run),
    Row("GET", f"{PROJECT}reports/<int:number>/", SEEN, where=report),
    Row("POST", f"{PROJECT}reports/<int:number>/remake/", RAN, where=report),
    Row("POST", f"{PROJECT}reports/<int:number>/delete/", MANAGED, where=report),
    Row("GET", f"{API}runs/", *SEEN_BY_API),
    Row("POST", f"{API}runs/", *SENT_BY_API, json=created_by_script, scopes="403 201"),
    Row(
        "GET", f"{API}runs/<int:number>/", *SEEN_BY_API,
        where=run, guests="200 200", scopes="200 200",
    ),
    Row(
        "PATCH", f"{API}runs/<int:number>/", *RAN_BY_API,
        where=run, json=lambda _: {"name": "New"}, guests=SEEN_ALONE,
    ),
    Row(
        "POST", f"{API}runs/<int:number>/start/", *RAN_BY_API,
        where=created_run, scopes="403 200",
    ),
    Row(
        "POST", f"{API}runs/<int:number>/finish/", *RAN_BY_API,
        where=run, guests=SEEN_ALONE, scopes="403 200",
    ),
    Row(
        "POST", f"{API}runs/<int:number>/cancel/", *RAN_BY_API, where=run, guests=SEEN_ALONE
    ),
    Row(
        "GET", f"{API}runs/<int:number>/guests/", *managed_by_api(200),
        where=run, guests=SEEN_ALONE,
    ),
    Row(
        "POST", f"{API}runs/<int:number>/guests/", *managed_by_api(201),
        where=run, json=new_guest, guests=SEEN_ALONE,
    ),
    Row(
        "DELETE", f"{API}runs/<int:number>/guests/<uuid:pk>/", *managed_by_api(204),
        where=guest, guests=SEEN_ALONE,
    ),
    Row(
        "GET", f"{API}runs/<int:number>/artifacts/", *SEEN_BY_API, where=run, guests="200 200"
    ),
    Row(
        "GET", f"{API}runs/<int:number>/artifacts/<uuid:id>/content/", *SEEN_BY_API,
        where=file_of_run, guests="200 200",
    ),
    Row(
        "GET", f"{API}runs/<int:number>/executions/", *SEEN_BY_API, where=run, guests="200 200"
    ),
    Row(
        "GET", f"{API}runs/<int:number>/executions/<uuid:id>/", *SEEN_BY_API,
        where=execution, guests="200 200",
    ),
    Row(
        "PATCH", f"{API}runs/<int:number>/executions/<uuid:id>/", *RAN_BY_API,
        where=execution, json=verdict, guests="403 200",
    ),
    Row(
        "POST", f"{API}runs/<int:number>/results/", *SENT_BY_API,
        where=run, json=batch, guests=SEEN_ALONE, scopes="403 201",
    ),
    Row(
        "GET", f"{API}runs/<int:number>/changes/", *SEEN_BY_API,
        where=run, query="?since=0", guests="200 200",
    ),
    Row("GET", f"{API}imports/", *SEEN_BY_API),
    Row("POST", f"{API}imports/", *SENT_BY_API, upload=result_file, scopes="403 201"),
    Row("GET", f"{API}imports/<uuid:id>/", *SEEN_BY_API, where=sent, scopes="200 200"),
    Row("POST", f"{API}artifacts/", *SENT_BY_API, upload=file_for_run, scopes="403 201"),
    Row("GET", f"{API}reports/", *SEEN_BY_API),
    Row("POST", f"{API}reports/", *SENT_BY_API, json=of_run),
    Row("GET", f"{API}reports/<str:id>/", *SEEN_BY_API, where=report_id),
    Row(
        "POST", f"{API}reports/<str:id>/remake/", *RAN_BY_API, where=report_id
    ),
    Row(
        "DELETE", f"{API}reports/<str:id>/", "204 204 403 403 404 404 401", "204 403 404 401",
        where=report_id,
    ),
]  # fmt: skip
