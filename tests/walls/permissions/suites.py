"""Rows of the tree of suites."""

from .cases import API, PROJECT, SEEN, SEEN_BY_API, suite
from .row import Row

WRITTEN = "302 302 403 403 404 404 302"
SHOWN = "200 200 403 403 404 404 302"
CHANGED = ("200 200 403 403 404 404 401", "200 403 404 401")


def archived_suite(things):
    return {"id": things.archived_suite.pk}


def suite_copy(things):
    return {"id": things.suite_copy.pk}


def name(things):
    return {"name": "Payment"}


def last(things):
    return {"parent": None}


ROWS = [
    Row("POST", f"{PROJECT}suites/add/", WRITTEN, form=name),
    Row("GET", f"{PROJECT}suites/counts/", SEEN),
    Row("GET", f"{PROJECT}suites/copies/<uuid:id>/", SEEN, where=suite_copy),
    Row("GET", f"{PROJECT}suites/level/", SEEN),
    Row("GET", f"{PROJECT}suites/<uuid:id>/level/", SEEN, where=suite),
    Row("POST", f"{PROJECT}suites/<uuid:id>/rename/", WRITTEN, where=suite, form=name),
    Row("POST", f"{PROJECT}suites/<uuid:id>/move/", WRITTEN, where=suite, form=lambda _: {}),
    Row("GET", f"{PROJECT}suites/<uuid:id>/copy/", SHOWN, where=suite),
    Row("POST", f"{PROJECT}suites/<uuid:id>/copy/", WRITTEN, where=suite, form=name),
    Row("POST", f"{PROJECT}suites/<uuid:id>/archive/", WRITTEN, where=suite),
    Row("POST", f"{PROJECT}suites/<uuid:id>/restore/", WRITTEN, where=archived_suite),
    Row("POST", f"{API}suites/<uuid:id>/move/", *CHANGED, where=suite, json=last),
    Row(
        "POST", f"{API}suites/<uuid:id>/copy/", "201 201 403 403 404 404 401", "201 403 404 401",
        where=suite, json=name,
    ),
    Row("POST", f"{API}suites/<uuid:id>/archive/", *CHANGED, where=suite),
    Row("POST", f"{API}suites/<uuid:id>/restore/", *CHANGED, where=archived_suite),
    Row("GET", f"{API}suites/copies/<uuid:id>/", *SEEN_BY_API, where=suite_copy),
]  # fmt: skip
