"""Rows of exports of cases."""

from .row import Row

PROJECT = "projects/<str:key>/"
API = "api/v1/projects/<str:key>/"

ROWS = [
    Row("GET", f"{PROJECT}cases/export/", "200 200 200 200 404 404 302", query="?format=json"),
    Row(
        "GET", f"{API}cases/export/", "200 200 200 200 404 404 401", "200 200 404 401",
        query="?format=csv",
    ),
]  # fmt: skip
