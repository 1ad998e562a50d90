"""Pages and API by Django, sockets by Channels, behind one door for sizes and rates."""

import os
from typing import Any

from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testoqa.settings")
pages = get_asgi_application()

# These need the apps, which are loaded by now.
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

from apps.runs import hub, live
from apps.runs.routing import websocket_urlpatterns
from testoqa.bodies import MeasuredRequest
from testoqa.limits import BodyGuard
from testoqa.origin import SameOrigin
from testoqa.rates import RateLimit

pages.request_class = MeasuredRequest


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
        "http": RateLimit(BodyGuard(pages)),
        "websocket": SameOrigin(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        "lifespan": lifespan,
    }
)
