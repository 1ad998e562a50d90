"""Every address that the site serves, as the URL configuration writes them."""

import re

from django.contrib import admin
from django.urls import URLPattern, get_resolver

from apps.runs.routing import websocket_urlpatterns

UNKNOWN_SOCKET = ""
"""The socket route that closes whatever no other route knows."""


def addresses():
    """{"projects/<str:key>/members/", …}; of the admin its own pages and the lists of models."""
    found = {route for route in routes(get_resolver()) if not route.startswith("admin/")}
    return found | admin_addresses()


def routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route).replace("^", "").replace("$", "")
        else:
            yield from routes(pattern, route)


def admin_addresses():
    """Forms, histories and deletions of a model are the admin's own, generated beside its list."""
    lists = {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry
    }
    return {"admin/", "admin/login/", "admin/logout/"} | lists


def sockets():
    return {str(route.pattern) for route in websocket_urlpatterns} - {UNKNOWN_SOCKET}
