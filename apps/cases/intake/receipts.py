"""The receipts of an import as a file, which a spreadsheet opens without carrying anything out."""

from channels.db import database_sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from apps.projects.spreadsheets import as_line, harmless

STEP = 1_000
"""Rows in memory."""
COLUMNS = ["row", "outcome", "case", "title", "column", "reason"]


def export(request, arrival, rows) -> StreamingHttpResponse:
    """The rows in their order, written while they are read."""
    pieces = Pieces(arrival.project.key, rows)
    asgi = isinstance(request, ASGIRequest)
    response = StreamingHttpResponse(
        pieces.of_asgi() if asgi else pieces.of_wsgi(), content_type="text/csv; charset=utf-8"
    )
    name = f"{arrival.filename.rpartition('.')[0] or arrival.filename}-receipt.csv"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response


class Pieces:
    def __init__(self, key, rows):
        self.key, self.rows = key, rows.order_by("row")
        self.last = 0

    def of_wsgi(self):
        yield as_line(COLUMNS)
        while piece := self.next():
            yield piece

    async def of_asgi(self):
        yield as_line(COLUMNS)
        # Each part gives its connection back, however slowly the client reads.
        read = database_sync_to_async(self.next, thread_sensitive=False)
        while piece := await read():
            yield piece

    def next(self) -> bytes:
        part = list(self.rows.filter(row__gt=self.last).select_related("case")[:STEP])
        if not part:
            return b""
        self.last = part[-1].row
        return b"".join(as_line(map(harmless, self._cells(row))) for row in part)

    def _cells(self, row):
        key = f"{self.key}-{row.case.number}" if row.case else ""
        return [row.row, row.outcome, key, row.title, row.column, row.reason]
