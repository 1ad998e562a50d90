"""Bodies that came in chunks, given to Django with the length that they turned out to have."""

import os
from typing import Any, BinaryIO

from django.core.handlers.asgi import ASGIRequest


class MeasuredRequest(ASGIRequest):
    """Knows how long a body without Content-Length is.

    Django's parser of forms and those of Django REST framework take it for empty otherwise.
    """

    def __init__(self, scope: dict[str, Any], body_file: BinaryIO) -> None:
        super().__init__(scope, body_file)
        if "HTTP_TRANSFER_ENCODING" in self.META:
            self.META["CONTENT_LENGTH"] = str(body_file.seek(0, os.SEEK_END))
            body_file.seek(0)
