"""The one way a stored file leaves: nothing that was uploaded runs in a reader's browser."""

import logging
import re

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from .detection import HEAD, TEXT, UNKNOWN, charset, raster_image
from .streaming import in_pieces

logger = logging.getLogger(__name__)

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
# The browser's own viewer of pictures dresses them inline; nothing in a picture can.
PICTURE = f"{SANDBOX}; style-src 'unsafe-inline'"

INCLUDED = re.compile(r"(java|ecma|j|live)script|^text/css", re.IGNORECASE)


def download(request, artifact):
    """The bytes as an attachment; pictures and plain text may be shown where they are.

    `request` is Django's own. Raises Http404 when the storage has lost the file.
    """
    file = _open(artifact)
    head = file.read(HEAD)
    file.seek(0)
    kind = shown_as(artifact, head)
    if request.method == "HEAD":
        file.close()
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(in_pieces(request, file))
    response["Content-Type"] = kind or sent_as(artifact)
    response["Content-Length"] = artifact.size
    response["Content-Disposition"] = content_disposition_header(kind is None, artifact.name)
    protect(response)
    if kind and kind.startswith("image/"):
        response["Content-Security-Policy"] = PICTURE
    return response


def sent_as(artifact):
    """The type of an attachment: none that a page could include, as its policy would allow.

    The browser asks for no more than the type of a script or a style from this host.
    """
    is_included = INCLUDED.search(artifact.content_type)
    return UNKNOWN if is_included else artifact.content_type or UNKNOWN


def shown_as(artifact, head):
    """The type under which a browser may show the file, judged again by its bytes, or None."""
    if artifact.content_type == TEXT:
        name = charset(head)
        return f"{TEXT}; charset={name}" if name else TEXT
    image = raster_image(head)
    return image if image == artifact.content_type else None


def protect(response):
    """What every answer carries that holds people's own bytes."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"


def _open(artifact):
    try:
        return default_storage.open(artifact.file.name, "rb")
    except FileNotFoundError:
        logger.error("The file %s of artifact %s is missing.", artifact.file.name, artifact.pk)
        raise Http404(f"The storage no longer holds “{artifact.name}”.") from None
