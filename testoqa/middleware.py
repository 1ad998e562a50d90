import codecs

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.common import CommonMiddleware
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin

from apps.projects.api.problems import plain_problem
from testoqa.errors import is_for_api
from testoqa.headers import HEADERS, KEPT_BY_NOBODY

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
CHARSETS = {"utf-8", "ascii", "iso8859-1", "cp1252"}


class AddressMiddleware(CommonMiddleware):
    """Adds a missing final slash to an address, except where a script would lose its body by it.

    curl takes a redirect of a POST for success, though nothing was stored.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        loses_body = is_for_api(request) and request.method not in SAFE_METHODS
        return not loses_body and super().should_redirect_with_slash(request)


class HeadersMiddleware(MiddlewareMixin):
    """The first of all, so that errors and static files have them too.

    What the site shows is kept by no cache that was not told otherwise.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", KEPT_BY_NOBODY)
        return response


class MethodMiddleware(MiddlewareMixin):
    """A page where Django says nothing: the address of a form, opened as after signing in anew."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        empty = isinstance(response, HttpResponseNotAllowed) and not response.content
        if empty and not is_for_api(request):
            response.content = render_to_string("405.html", request=request)
        return response


class CharsetMiddleware(MiddlewareMixin):
    """Refuses charsets that Python cannot read, or that yield what no answer can quote."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if is_readable(charset):
            return None
        if is_for_api(request):
            return plain_problem(415, f"Send the body in UTF-8; “{charset}” is not read here.")
        raise BadRequest("The body is in a charset that is not read here.")


def is_readable(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in CHARSETS
    except (LookupError, ValueError):
        return False
