"""Static files, streamed in small pieces also under ASGI."""

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from apps.artifacts.streaming import in_pieces


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, whose file response would be read whole into memory under ASGI.

    The folders are walked once in a process, however often the middleware is made (each client of
    Django's tests makes one).
    """

    _found: dict[str, Any] = {}

    def add_files_from_finders(self) -> None:
        if not self._found:
            super().add_files_from_finders()
            self._found.update(self.files)
        self.files: dict[str, Any] = self._found

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> StreamingHttpResponse:
        answer = static_file.get_response(request.method, request.META)
        content = in_pieces(request, answer.file) if answer.file else ()
        response = StreamingHttpResponse(content, status=int(answer.status))
        del response["Content-Type"]
        for name, value in answer.headers:
            response[name] = value
        return response
