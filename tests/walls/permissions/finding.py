"""Rows of what finds cases: the completion of a query, saved filters, the palette."""

from .cases import API, PROJECT, SEEN, SEEN_BY_API
from .row import Row

KEPT = "302 302 302 302 404 404 302"
OWN_PAGE = "200 403 403 403 404 404 302"


def saved_filter(things):
    return {"id": things.saved_filter.pk}


def typed_filter(things):
    return {"name": "Mine", "query": "status:ready"}


def shared_filter(things):
    return {"name": "Ours", "query": "status:ready", "is_shared": "on"}


def sent_filter(things):
    return {"name": "Mine", "query": "status:ready"}


ROWS = [
    Row("GET", f"{PROJECT}cases/suggest/", SEEN, query="?q=status:&at=7"),
    Row("GET", f"{PROJECT}find/", SEEN, query="?q=case"),
    Row("GET", f"{PROJECT}filters/", SEEN),
    Row("GET", f"{PROJECT}filters/new/", SEEN),
    Row("POST", f"{PROJECT}filters/new/", KEPT, form=typed_filter),
    Row("POST", f"{PROJECT}filters/new/", "302 302 403 403 404 404 302", form=shared_filter),
    Row("GET", f"{PROJECT}filters/<uuid:id>/edit/", OWN_PAGE, where=saved_filter),
    Row(
        "POST", f"{PROJECT}filters/<uuid:id>/edit/", "302 403 403 403 404 404 302",
        where=saved_filter, form=shared_filter,
    ),
    Row(
        "POST", f"{PROJECT}filters/<uuid:id>/delete/", "302 302 403 403 404 404 302",
        where=saved_filter,
    ),
    Row("GET", f"{API}filters/", *SEEN_BY_API),
    Row(
        "POST", f"{API}filters/", "201 201 201 201 404 404 401", "201 201 404 401",
        json=sent_filter,
    ),
    Row("GET", f"{API}filters/<uuid:id>/", *SEEN_BY_API, where=saved_filter),
    Row(
        "PATCH", f"{API}filters/<uuid:id>/", "200 403 403 403 404 404 401", "200 403 404 401",
        where=saved_filter, json=lambda _: {"name": "Ours"},
    ),
    Row(
        "DELETE", f"{API}filters/<uuid:id>/", "204 204 403 403 404 404 401", "204 403 404 401",
        where=saved_filter,
    ),
]  # fmt: skip
