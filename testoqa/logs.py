"""How the site logs: plain lines or JSON, with the id of the request and without secrets."""

import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import LazyObject, empty

from apps.accounts.actor import acting

logger = logging.getLogger("testoqa.requests")

MASK = "…"
SECRETS = [
    (re.compile(r"(/password/reset/key/|/confirm-email/|/invitations?/)[^/\s\"'?]+"), rf"\1{MASK}"),
    (re.compile(r"tqa_[\w-]+"), f"tqa_{MASK}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {MASK}"),
    (
        re.compile(r"(?i)\b((?:set-)?cookie|authorization)(['\"]?\s*[:=]\s*)[^\r\n]+"),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(/[^\s\"'?]*)\?[^\s\"']+"), r"\1"),
]
"""Keys within addresses, tokens, credentials, and whatever stands behind a question mark."""
OF_A_RECORD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def masked(text: str) -> str:
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


class PlainFormatter(logging.Formatter):
    """2026-11-21 08:24:30,123 WARNING testoqa.requests: …"""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, request_id, and what else is told."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            "request_id": acting().request_id or None,
            **{
                name: plain(value)
                for name, value in vars(record).items()
                if name not in OF_A_RECORD
            },
        }
        if record.exc_info:
            told["exception"] = masked(self.formatException(record.exc_info))
        return orjson.dumps(told).decode()


def plain(value: Any) -> Any:
    """What a log may hold of it: never an object, whose text might say anything."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return masked(value) if isinstance(value, str) else type(value).__name__


class RequestLogMiddleware:
    """One line for each request: method, path, status, milliseconds and the person's id."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response = self.get_response(request)
        if logger.isEnabledFor(logging.INFO):
            tell(request, response, round((time.monotonic() - began) * 1000))
        return response


def tell(request: HttpRequest, response: HttpResponseBase, duration_ms: int) -> None:
    fields = {
        "method": plain(request.method),
        "path": masked(request.path),
        "status": response.status_code,
        "duration_ms": duration_ms,
        "user_id": person_of(request),
    }
    logger.info("%(method)s %(path)s %(status)s", fields, extra=fields)


def person_of(request: HttpRequest) -> int | None:
    """The id of whoever was found to be asking; nobody is looked for on account of the log."""
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject) and user.__dict__.get("_wrapped") is empty:
        return None
    return getattr(user, "pk", None)


def settings_of(format: str, level: str) -> dict[str, Any]:
    """Django's LOGGING; with JSON the line of each request comes whatever the level."""
    formatter = JsonFormatter if format == "json" else PlainFormatter
    line = "{asctime} {levelname} {name}: {message}"
    requests = "INFO" if format == "json" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": formatter, "fmt": line, "style": "{"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            "testoqa.requests": {"level": requests},
        },
    }
