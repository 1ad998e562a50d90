"""The trail as a file, CSV or JSON Lines, written while it is read: it may be of any length."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import orjson
from channels.db import database_sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from ..door import RequestContext
from ..models import Activity
from ..spreadsheets import as_line, harmless
from .links import link
from .rows import sees_origins
from .words import in_words

STEP = 1_000
"""Rows in memory."""
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
COLUMNS = [
    "at", "who", "token", "verb", "words", "object_type", "object_id", "object_label", "before",
    "after", "address", "request_id",
]  # fmt: skip


def told(row: Activity, *, origins: bool, url: str | None = None) -> dict[str, Any]:
    """A row for scripts; where it came from only for those who may know."""
    return {
        "id": str(row.pk),
        "at": row.at,
        "who": row.who,
        "verb": row.verb,
        "words": in_words(row.verb),
        "object": {
            "type": row.object_type,
            "id": row.object_id,
            "label": row.object_label,
            "url": url,
        },
        "before": row.before,
        "after": row.after,
        "token": row.token if origins else None,
        "address": row.address if origins else None,
        "request_id": row.request_id if origins else None,
    }


def export(
    request: Any, context: RequestContext, rows: QuerySet, kind: str, absolute: Callable[[str], str]
) -> StreamingHttpResponse:
    """The file, newest first; `absolute` makes an address whole."""
    pieces = Pieces(rows, kind, context, absolute)
    asgi = isinstance(request, ASGIRequest)
    response = StreamingHttpResponse(
        pieces.of_asgi() if asgi else pieces.of_wsgi(), content_type=FORMATS[kind]
    )
    name = f"{context.project.key}-activity-{timezone.now():%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response


class Pieces:
    """The file in parts of so many rows each; the trail only grows, so no part is out of step."""

    def __init__(
        self, rows: QuerySet, kind: str, context: RequestContext, absolute: Callable[[str], str]
    ) -> None:
        self.rows = rows.order_by("-id")
        self.write = {"csv": as_csv, "jsonl": as_json_lines}[kind]
        self.head = as_line(COLUMNS) if kind == "csv" else b""
        self.context = context
        self.absolute = absolute
        self.last: Any = None

    def of_wsgi(self) -> Iterator[bytes]:
        yield self.head
        while piece := self.next():
            yield piece

    async def of_asgi(self) -> AsyncIterator[bytes]:
        yield self.head
        # Each part gives its connection back, however slowly the client reads.
        read = database_sync_to_async(self.next, thread_sensitive=False)
        while piece := await read():
            yield piece

    def next(self) -> bytes:
        rows = self.rows if self.last is None else self.rows.filter(id__lt=self.last)
        part = list(rows[:STEP])
        if not part:
            return b""
        self.last = part[-1].pk
        link(self.context.project, part)
        origins = sees_origins(self.context)
        return b"".join(
            self.write(told(row, origins=origins, url=row.url and self.absolute(row.url)))
            for row in part
        )


def as_json_lines(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def as_csv(row: dict[str, Any]) -> bytes:
    flat = {
        **row,
        **{f"object_{name}": value for name, value in row["object"].items()},
        "at": row["at"].isoformat(),
        "before": orjson.dumps(row["before"]).decode() if row["before"] else "",
        "after": orjson.dumps(row["after"]).decode() if row["after"] else "",
    }
    return as_line(harmless(flat[column]) for column in COLUMNS)
