import ipaddress
import uuid
import zoneinfo

from django.conf import settings
from django.utils import timezone

from . import sessions
from .actor import Actor, acts


class ActorMiddleware:
    """Gives each request an id, and tells the audit trail and the logs where it comes from."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        actor = Actor(address=client_address(request), request_id=str(uuid.uuid4()))
        with acts(actor):
            response = self.get_response(request)
        response["X-Request-ID"] = actor.request_id
        return response


def client_address(request):
    """The address of whoever asks, or None; behind a trusted proxy the one that it names last.

    What stands before that in X-Forwarded-For came from the client, who may write anything.
    """
    return usable_address(
        request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
    )


def usable_address(address, forwarded):
    """The same from the address of the connection and what X-Forwarded-For holds."""
    if settings.TRUST_PROXY and forwarded:
        address = forwarded.rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


class ReaderMiddleware:
    """Times are shown in the zone of whoever reads."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        zone = request.user.time_zone if request.user.is_authenticated else "UTC"
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            return self.get_response(request)


class SeenMiddleware:
    """Follows the sessions of people, for their own list of them."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            sessions.see(request)
        return self.get_response(request)
