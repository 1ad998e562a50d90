"""Pages and API by Django, sockets by Channels, behind one door for sizes and rates."""

import os
from typing import Any

import django
from asgiref.sync import sync_to_async

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testoqa.settings")
django.setup(set_prefix=False)

# These need the apps, which are loaded by now.
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

from apps.runs import hub, live
from apps.runs.routing import websocket_urlpatterns
from testoqa.handler import PagesHandler
from testoqa.limits import BodyGuard
from testoqa.origin import SameOrigin
from testoqa.rates import RateLimit


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Ends what this process keeps for live pages; a server without it cancels the same."""
    while True:
        event = (await receive())["type"]
        if event == "lifespan.shutdown":
            await hub.stop()
            await sync_to_async(live.flusher.stop)()
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


application = ProtocolTypeRouter(
    {
        "http": RateLimit(BodyGuard(PagesHandler())),
        "websocket": SameOrigin(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        "lifespan": lifespan,
    }
)
