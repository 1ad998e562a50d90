"""Rows of shared steps, and of cases edited in a list."""

from .cases import API, PROJECT, SEEN, SEEN_BY_API, case
from .row import Row

CHANGED = "302 302 403 403 404 404 302"
FORM = "200 200 403 403 404 404 302"


def shared(things):
    return {"id": things.shared_steps.pk}


def typed(things):
    return {
        "title": "Log in",
        "version": "1",
        "steps-TOTAL_FORMS": "1",
        "steps-INITIAL_FORMS": "0",
        "steps-0-action": "Open the page",
    }


def of_a_case(things):
    return {"title": "Open it", "steps": ["1"], "version": "1"}


def quick(things):
    return {"title": "Pays at once", "status": "draft", "priority": "P0", "version": "1"}


def said(things):
    return {"title": "Log in", "steps": [{"action": "Open the page"}]}


ROWS = [
    Row("GET", f"{PROJECT}shared-steps/", SEEN),
    Row("GET", f"{PROJECT}shared-steps/new/", FORM),
    Row("POST", f"{PROJECT}shared-steps/new/", CHANGED, form=typed),
    Row("GET", f"{PROJECT}shared-steps/offered/", SEEN, query="?shared_title=a"),
    Row("GET", f"{PROJECT}shared-steps/row/", SEEN, query="?shared_title=Sign%20in"),
    Row("GET", f"{PROJECT}shared-steps/<uuid:id>/", SEEN, where=shared),
    Row("GET", f"{PROJECT}shared-steps/<uuid:id>/edit/", FORM, where=shared),
    Row("POST", f"{PROJECT}shared-steps/<uuid:id>/edit/", CHANGED, where=shared, form=typed),
    Row("POST", f"{PROJECT}shared-steps/<uuid:id>/inline/", CHANGED, where=shared),
    Row("POST", f"{PROJECT}shared-steps/<uuid:id>/delete/", CHANGED, where=shared),
    Row("GET", f"{PROJECT}cases/<int:number>/share/", FORM, where=case),
    Row("POST", f"{PROJECT}cases/<int:number>/share/", CHANGED, where=case, form=of_a_case),
    Row("GET", f"{PROJECT}cases/<int:number>/quick/", FORM, where=case),
    Row("POST", f"{PROJECT}cases/<int:number>/quick/", CHANGED, where=case, form=quick),
    Row("GET", f"{API}shared-steps/", *SEEN_BY_API),
    Row(
        "POST", f"{API}shared-steps/", "201 201 403 403 404 404 401", "201 403 404 401", json=said
    ),
    Row("GET", f"{API}shared-steps/<uuid:id>/", *SEEN_BY_API, where=shared),
    Row(
        "PATCH", f"{API}shared-steps/<uuid:id>/", "200 200 403 403 404 404 401", "200 403 404 401",
        where=shared, json=said,
    ),
    Row(
        "DELETE", f"{API}shared-steps/<uuid:id>/", "204 204 403 403 404 404 401",
        "204 403 404 401", where=shared,
    ),
    Row(
        "POST", f"{API}shared-steps/<uuid:id>/inline/", "200 200 403 403 404 404 401",
        "200 403 404 401", where=shared,
    ),
]  # fmt: skip
