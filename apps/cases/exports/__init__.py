"""Cases as a file of any length, written while they are read: JSON, CSV, Excel, Markdown, paper."""

from collections.abc import Callable
from typing import Any

from channels.db import database_sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from .choice import Chosen
from .csvfile import CsvFile
from .jsonfile import JsonFile
from .markdown import MarkdownFile
from .printed import PrintedPage
from .writer import Writer
from .xlsx import Workbook

__all__ = ["FORMATS", "LABELS", "export"]

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
LABELS = {
    "csv": "CSV",
    "xlsx": "Excel workbook",
    "json": "JSON, which imports back",
    "md": "Markdown",
    "html": "Page to print",
}
WRITERS: dict[str, Callable[[Chosen], Writer]] = {
    "csv": CsvFile,
    "xlsx": Workbook,
    "json": JsonFile,
    "md": MarkdownFile,
    "html": PrintedPage,
}


def export(
    request: Any, project: Any, cases: QuerySet, kind: str, *, narrowed: bool
) -> StreamingHttpResponse:
    """The file of these cases; `narrowed` says that they are not all that the project has.

    Which cases they are is decided now; what each of them says, when its part is written.
    """
    chosen = Chosen.of(project, cases, by_suite=kind in ("md", "html"), narrowed=narrowed)
    pieces = WRITERS[kind](chosen).pieces()
    asgi = isinstance(request, ASGIRequest)
    response = StreamingHttpResponse(
        _one_by_one(pieces) if asgi else pieces, content_type=FORMATS[kind]
    )
    name = f"{project.key}-cases-{timezone.now():%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = content_disposition_header(kind != "html", name)
    response["Cache-Control"] = "private, no-store"
    return response


async def _one_by_one(pieces):
    # Each part gives its connection back, however slowly the client reads.
    read = database_sync_to_async(next, thread_sensitive=False)
    while (piece := await read(pieces, None)) is not None:
        yield piece
