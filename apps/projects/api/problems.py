"""Errors of the API, in one shape: application/problem+json (RFC 9457)."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, JsonResponse
from django.urls import reverse
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from ..door import SecondFactorMissing
from ..refusals import Refused

CONTENT_TYPE = "application/problem+json"


def problem(status, detail="", errors=(), **extra):
    """{"type", "title", "status", "detail", "errors": [{"field", "code", "message"}]}"""
    return _encodable(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": int(status),
            "detail": detail,
            "errors": list(errors),
            **extra,
        }
    )


def _encodable(value):
    """The same with every half of a character written out: errors quote what was sent."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(inner) for inner in value]
    return value


def problem_response(exception, context):
    """What Django REST framework answers for an exception; None lets it become a 500."""
    body, headers = _body(exception)
    if body is None:
        return None
    request = context["request"]
    if "url" in body:
        body["url"] = request.build_absolute_uri(body["url"])
    # A problem is JSON, also where the answer would have been YAML.
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), CONTENT_TYPE
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def plain_problem(status, detail):
    """The same answer from outside Django REST framework."""
    return JsonResponse(problem(status, detail), status=status, content_type=CONTENT_TYPE)


def _body(exception):
    if isinstance(exception, Http404):
        return problem(404, str(exception) or "There is nothing at this address."), {}
    if isinstance(exception, SecondFactorMissing):
        errors = [{"field": "", "code": "second_factor", "message": str(exception)}]
        url = reverse("accounts:security")
        return problem(403, str(exception), errors, url=url), {}
    if isinstance(exception, PermissionDenied):
        return problem(403, str(exception) or "You may not do this here."), {}
    if isinstance(exception, Refused):
        return _refusal(exception), {}
    if isinstance(exception, ValidationError):
        exception = exceptions.ValidationError(_messages(exception))
    if isinstance(exception, exceptions.APIException):
        return _api_error(exception)
    return None, {}


def _messages(error):
    if not hasattr(error, "error_dict"):
        return {api_settings.NON_FIELD_ERRORS_KEY: error.messages}
    renamed = {"__all__": api_settings.NON_FIELD_ERRORS_KEY}
    return {renamed.get(field, field): texts for field, texts in error.message_dict.items()}


def _refusal(refusal):
    within = {f"{refusal.field}.{name}": text for name, text in refusal.errors.items()}
    errors = [
        {"field": field, "code": refusal.code, "message": text}
        for field, text in (within or {refusal.field: str(refusal)}).items()
    ]
    return problem(refusal.status, str(refusal), errors, **refusal.extra)


def _api_error(exception):
    headers = {}
    if getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = exception.auth_header
    if getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(exception.wait))
    if isinstance(exception, exceptions.ValidationError):
        errors = list(_flat(exception.detail))
        return problem(400, "The request has errors; each is named below.", errors), headers
    return problem(exception.status_code, str(exception.detail)), headers


def _flat(detail, field=""):
    """Nested errors as a flat list; a nested field is written steps.0.action."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            below = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from _flat(inner, ".".join(part for part in (field, below) if part))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, (dict, list))
            yield from _flat(inner, f"{field}.{position}" if nested else field)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield {"field": field, "code": code, "message": str(detail)}
