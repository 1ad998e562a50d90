"""Rows of texts in Markdown."""

from .row import Row

PROJECT = "projects/<str:key>/"

ROWS = [
    Row(
        "POST", f"{PROJECT}markdown/", "200 200 200 200 404 404 302",
        form=lambda _: {"text": "**Hi**"},
    ),
]  # fmt: skip
