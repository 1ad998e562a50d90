"""Sockets are opened by our own pages, or with a token that no browser would send by itself."""

from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

NOT_SIGNED_IN = 4401
UNKNOWN = "Send a token in the Authorization header; sessions are for our own pages."


class SameOrigin:
    """Refuses the handshake (403) unless the page's origin is the host that it asks for.

    Stricter than a list of hosts: a page of another port on this machine would send our cookies.
    A script names no origin; without a token it is told so by the code for who is not signed in.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        if b"authorization" in headers or is_ours(headers):
            await self.application(scope, receive, send)
        elif b"origin" in headers:
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": NOT_SIGNED_IN, "reason": UNKNOWN})


def is_ours(headers: dict[bytes, bytes]) -> bool:
    origin = headers.get(b"origin", b"").decode("latin1").lower()
    host = headers.get(b"host", b"").decode("latin1").lower()
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    schemes = ("https",) if settings.HTTPS else ("http", "https")
    return origin in {f"{scheme}://{host}" for scheme in schemes}
