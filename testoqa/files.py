"""Static files, streamed in small pieces also under ASGI."""

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from apps.artifacts.streaming import in_pieces


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, whose file response would be read whole into memory under ASGI."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> StreamingHttpResponse:
        answer = static_file.get_response(request.method, request.META)
        content = in_pieces(request, answer.file) if answer.file else ()
        response = StreamingHttpResponse(content, status=int(answer.status))
        del response["Content-Type"]
        for name, value in answer.headers:
            response[name] = value
        return response
