"""How many requests of the API a minute takes from one token, one session or one address.

Counted in the memory of this process alone: several web processes allow as many times that much.
"""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from functools import partial
from http.cookies import CookieError
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import parse_cookie

from apps.accounts.middleware import usable_address
from testoqa.limits import Message, Receive, Refusal, Send, answer

MINUTE = 60
MOST_SENDERS = 10_000
"""Tokens, sessions and addresses that are remembered; of more the longest known are forgotten."""
UNCOUNTED = ("/api/docs/",)


@dataclass(slots=True)
class Window:
    """A minute that began with somebody's first request in it."""

    began: float
    count: int = 0


class Windows:
    """The minute of each sender, the oldest first; never more than so many."""

    def __init__(self, most: int = MOST_SENDERS) -> None:
        self.most = most
        self.windows: dict[Any, Window] = {}

    def __contains__(self, sender: Any) -> bool:
        return sender in self.windows

    def __len__(self) -> int:
        return len(self.windows)

    def of(self, sender: Any, now: float) -> Window:
        """The sender's minute, a new one when the last is over."""
        window = self.windows.get(sender)
        if window is not None and now - window.began < MINUTE:
            return window
        self.windows.pop(sender, None)
        while len(self.windows) >= self.most:
            del self.windows[next(iter(self.windows))]
        window = self.windows[sender] = Window(now)
        return window

    def forget(self, sender: Any) -> None:
        self.windows.pop(sender, None)


class RateLimit:
    """ASGI in front of everything else that a request of the API costs.

    A token or session has a limit of its own once it was let in; what never was counts for the
    address that it comes from, so that made-up ones gain nothing.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.senders = Windows()
        self.addresses = Windows()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if not path.startswith("/api/") or path.startswith(UNCOUNTED):
            await self.application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        # The schema is for anybody, and says nothing of who asks for it.
        sender = sender_of(headers) if path.startswith("/api/v1/") else None
        known = sender is not None and sender in self.senders
        limit = settings.RATE_LIMIT if known else settings.RATE_LIMIT_ADDRESS
        if not limit:
            await self.application(scope, receive, partial(self.hear, send, sender, []))
            return
        now = monotonic()
        window = self.senders.of(sender, now) if known else self.addresses.of(origin(scope), now)
        left = math.ceil(window.began + MINUTE - now)
        if window.count >= limit:
            fields = told(limit, 0, left)
            await answer(too_many(limit, left, known), scope, headers, receive, send, fields)
            return
        window.count += 1
        fields = told(limit, limit - window.count, left)
        await self.application(scope, receive, partial(self.hear, send, sender, fields))

    async def hear(self, send: Send, sender: Any, fields: list[Any], message: Message) -> None:
        """Learn from the answer whether the sender is somebody, and add the headers."""
        if message["type"] == "http.response.start":
            if sender is not None and message["status"] == 401:
                self.senders.forget(sender)
            elif sender is not None and 200 <= message["status"] < 300:
                self.learn(sender)
            message["headers"] = [*message.get("headers", ()), *fields]
        await send(message)

    def learn(self, sender: Any) -> None:
        if sender not in self.senders:
            self.senders.of(sender, monotonic())


def sender_of(headers: dict[bytes, bytes]) -> bytes | None:
    """A hash of the token, else of the session; None for nobody in particular."""
    if authorization := headers.get(b"authorization"):
        return hashlib.sha256(authorization).digest()
    name = settings.SESSION_COOKIE_NAME
    try:
        session = parse_cookie(headers.get(b"cookie", b"").decode("latin1")).get(name)
    except CookieError:
        return None
    return hashlib.sha256(session.encode()).digest() if session else None


def origin(scope: Any) -> str:
    """The address of whoever asks; of a sixth version's all that one household has."""
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    client = scope.get("client") or ("", 0)
    address = usable_address(client[0], forwarded.decode("latin1"))
    if address is None or ":" not in address:
        return address or ""
    return str(ipaddress.ip_network((address, 64), strict=False))


def told(limit: int, remaining: int, reset: int) -> list[tuple[bytes, bytes]]:
    figures = {"limit": limit, "remaining": remaining, "reset": reset}
    return [(f"ratelimit-{name}".encode(), b"%d" % value) for name, value in figures.items()]


def too_many(limit: int, left: int, known: bool) -> Refusal:
    who = "token or session" if known else "address without a token that is known"
    detail = (
        f"More than {limit} requests in a minute, the most that one {who} may send; "
        f"go on in {left} seconds."
    )
    return Refusal(429, detail, "too_many_requests", {"retry_after": left})
