"""Refuses bodies that are too large or too slow, before Django stores a byte of them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from typing import Any

import orjson
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, parse_cookie
from django.template.loader import render_to_string

from apps.memberships.api.authentication import find_token
from apps.projects.api.problems import CONTENT_TYPE, problem
from apps.projects.door import RequestContext, find_project
from apps.projects.permissions import EDIT, RUN, VIEW
from apps.runs.door import find_as_guest
from testoqa.headers import HEADERS

MIB = 1024 * 1024
UNASKED = 64 * 1024  # bytes that an API address or an upload page takes from anybody
SLOWEST = 1024  # bytes a second, on the average, of a body that takes longer than BODY_PATIENCE
LINGER = 5  # seconds in which a refused body is still read and thrown away

# The setting that holds the limit, and the permission that the address wants at least; all others
# take MAX_BODY, and of those of a project the view asks for more.
LIMITS = [
    (re.compile(r"^/api/v1/projects/[^/]+/runs/[^/]+/results/?$"), "MAX_BATCH", RUN),
    (re.compile(r"^(/api/v1)?/projects/[^/]+/imports/?$"), "MAX_IMPORT", RUN),
    (re.compile(r"^/api/v1/projects/[^/]+/case-imports/?$"), "MAX_CASE_IMPORT", EDIT),
    (re.compile(r"^/projects/[^/]+/cases/import/?$"), "MAX_CASE_IMPORT", EDIT),
    (re.compile(r"^(/api/v1)?/projects/[^/]+/(.+/)?artifacts/?$"), "MAX_ARTIFACT", RUN),
    (re.compile(r"^/projects/[^/]+/(.+/)?attach/?$"), "MAX_ARTIFACT", EDIT),
]
OF_PROJECT = re.compile(r"^(?:/api/v1)?/projects/([^/]+)/")
OF_RUN = re.compile(r"^(?:/api/v1)?/projects/[^/]+/runs/([0-9]{1,18})/")
GONE = {"type": "http.disconnect"}

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass
class Refusal:
    status: int
    detail: str
    code: str
    extra: dict[str, int]


class BodyGuard:
    """ASGI in front of Django; a refused request never reaches a view."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        refusal = await refuse_unread(scope, headers)
        if refusal is None:
            body = Body(receive, limit_setting(scope["path"]), declared(headers))
            await self.application(scope, body.receive, send)
            refusal = body.refusal
        if refusal is not None:
            await answer(refusal, scope, headers, receive, send)


async def refuse_unread(scope: Any, headers: dict[bytes, bytes]) -> Refusal | None:
    """What the headers tell: who sends a large body where, and that it is too large."""
    path, length = scope["path"], declared(headers)
    setting = limit_setting(path)
    asks = path.startswith("/api/") or setting != "MAX_BODY"
    if asks and (length is None or length > UNASKED):
        refusal = await ask_door(headers, path)
        if refusal is not None:
            return refusal
    return too_large(setting) if length and length > getattr(settings, setting) else None


def limit_of(path: str) -> tuple[str, str]:
    """The setting that holds the limit, and the permission to send anything there."""
    known = ((name, wanted) for pattern, name, wanted in LIMITS if pattern.match(path))
    return next(known, ("MAX_BODY", VIEW))


def limit_setting(path: str) -> str:
    return limit_of(path)[0]


def declared(headers: dict[bytes, bytes]) -> int | None:
    """The length that was announced: 0 without a body, None when it comes in chunks."""
    if b"transfer-encoding" in headers:
        return None
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else None


def too_large(setting: str) -> Refusal:
    limit = getattr(settings, setting)
    raised = f" {setting.replace('MAX', 'TESTOQA_MAX')}_MB raises it." * (setting != "MAX_BODY")
    detail = f"The body is larger than {limit / MIB:g} MiB, the most that this address takes."
    return Refusal(413, detail + raised, "too_large", {"limit": limit})


class Body:
    """Counts what arrives; from the first byte too many on, the application sees nobody there."""

    def __init__(self, receive: Receive, setting: str, declared: int | None) -> None:
        self._receive = receive
        self.setting = setting
        self.declared = declared
        self.received = 0
        self.complete = False
        self.refusal: Refusal | None = None
        self.began = asyncio.get_running_loop().time()

    async def receive(self) -> Message:
        if self.refusal is not None:
            return GONE
        if self.complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self.deadline()):
                message = await self._receive()
        except TimeoutError:
            self.refusal = too_slow()
            return GONE
        self.received += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)
        if self.declared is not None and self.received > self.declared:
            self.refusal = Refusal(400, "The body is longer than its Content-Length.", "lying", {})
        elif self.received > getattr(settings, self.setting):
            self.refusal = too_large(self.setting)
        return message if self.refusal is None else GONE

    def deadline(self) -> float:
        """Of the next piece: no long silence, and no endless dripping either."""
        patience = settings.BODY_PATIENCE
        now = asyncio.get_running_loop().time()
        return min(now, self.began + self.received / SLOWEST) + patience


def too_slow() -> Refusal:
    detail = f"The body came too slowly, or stopped for {settings.BODY_PATIENCE} seconds."
    return Refusal(408, detail, "too_slow", {})


def refuse_sender(headers: dict[bytes, bytes], path: str) -> Refusal | None:
    """Why the person may send nothing large to this address, as the view would say it."""
    user, token = who_sends(headers)
    if not user.is_authenticated:
        return Refusal(
            401,
            "Sign in, or send a token in the Authorization header, before you send a large body.",
            "not_authenticated",
            {},
        )
    if found := OF_PROJECT.match(path):
        try:
            context_of(user, path, found[1], token).require(limit_of(path)[1])
        except Http404 as missing:
            return Refusal(404, str(missing), "not_found", {})
        except PermissionDenied as denial:
            return Refusal(403, str(denial), "permission_denied", {})
    return None


def context_of(user: Any, path: str, key: str, token: Any) -> RequestContext:
    """Of the project, or of a run that somebody is a guest of, who sends nothing large there."""
    try:
        return find_project(user, key, token=token)
    except Http404:
        if (found := OF_RUN.match(path)) is None:
            raise
    context = find_as_guest(user, key, int(found[1]), token)
    if limit_setting(path) != "MAX_BODY":
        context.require_membership()
    return context


def who_sends(headers: dict[bytes, bytes]) -> tuple[Any, Any]:
    """The person and the token, if it is by one; an AnonymousUser when nobody is known."""
    scheme, _, secret = headers.get(b"authorization", b"").decode("latin1").partition(" ")
    if scheme.lower() == "bearer":
        token = find_token(secret.strip())
        return (token.user if token else AnonymousUser()), token
    request = HttpRequest()
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
    sessions = import_module(settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    return get_user(request), None


# A thread of its own, so that uploads do not queue behind sockets that are being opened.
ask_door = database_sync_to_async(refuse_sender, thread_sensitive=False)


async def answer(
    refusal: Refusal,
    scope: Any,
    headers: dict[bytes, bytes],
    receive: Receive,
    send: Send,
    more: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send the refusal, then read on for a moment: a connection closed on a client that still sends
    would lose it the answer."""
    kind, body = written(refusal, is_api=scope["path"].startswith("/api/"))
    fields = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'"),
        *((name.lower().encode(), value.encode()) for name, value in HEADERS.items()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        *more,
    ]
    if refusal.status == 401:
        fields.append((b"www-authenticate", b"Bearer"))
    if wait := refusal.extra.get("retry_after"):
        fields.append((b"retry-after", str(wait).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": fields})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if headers.get(b"expect", b"").lower() != b"100-continue":
        await discard(receive)
    await send({"type": "http.response.body"})


def written(refusal: Refusal, *, is_api: bool) -> tuple[str, bytes]:
    if is_api:
        error = {"field": "", "code": refusal.code, "message": refusal.detail}
        return CONTENT_TYPE, orjson.dumps(
            problem(refusal.status, refusal.detail, [error], **refusal.extra)
        )
    page = {"refusal": refusal, "phrase": HTTPStatus(refusal.status).phrase}
    return "text/html; charset=utf-8", render_to_string("refused_body.html", page).encode()


async def discard(receive: Receive) -> None:
    try:
        async with asyncio.timeout(LINGER):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        pass
