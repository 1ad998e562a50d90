"""How a report leaves: streamed from a temporary file."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from apps.artifacts.streaming import in_pieces

from .formats import FORMATS, filename, written


def download(request, report, kind):
    """The report as json, md or html; the first two are saved as a file by a browser."""
    file = written(report, kind, request)
    size = file.seek(0, 2)
    file.seek(0)
    response = StreamingHttpResponse(in_pieces(request, file), content_type=FORMATS[kind])
    response["Content-Length"] = size
    response["Content-Disposition"] = content_disposition_header(
        kind != "html", filename(report, kind)
    )
    response["Cache-Control"] = "private, no-store"
    return response
