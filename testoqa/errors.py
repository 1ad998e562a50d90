"""What is answered when no view does: a page that says who can help, or a problem of the API."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.views import defaults

from apps.projects.api.problems import plain_problem
from apps.projects.door import SecondFactorMissing

logger = logging.getLogger(__name__)


def is_for_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_api(request):
        return plain_problem(400, "The server did not understand the request.")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_api(request):
        return plain_problem(403, str(exception) or "You may not do this here.")
    if isinstance(exception, SecondFactorMissing):
        return render(request, "second_factor_missing.html", {"why": exception}, status=403)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_api(request):
        if is_valid_path(f"{request.path_info}/"):
            return plain_problem(404, f"Add the final slash to the address: {request.path}/")
        return plain_problem(404, "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Logs the failure under a code and shows it; asks neither the database nor the session."""
    code = f"e-{secrets.token_hex(3)}"
    logger.exception("Error %s: %s %s", code, request.method, request.path)
    if is_for_api(request):
        return plain_problem(
            500, f"Something broke on the server; its log says what, under the code {code}."
        )
    return HttpResponseServerError(render_to_string("500.html", {"code": code}))
