"""Sockets against the site as it is served; see tests/live_site.py.

The apps are imported by the fixtures: this file is read before the settings are.
"""

from contextlib import contextmanager

import pytest
from django.conf import settings
from websockets.sync.client import connect

from tests.live_site import live_site

__all__ = ["live_site"]


@pytest.fixture
def nightly(live_site, project):
    from tests.factories import make_run

    return make_run(project)


@pytest.fixture
def watch(live_site, client):
    """watch(run, user=…, token=…, since=…) is a socket, closed after the with block."""

    @contextmanager
    def open_socket(
        run, *, user=None, token=None, query="", origin=live_site, path=None, **options
    ):
        headers = {}
        if user:
            client.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            headers["Cookie"] = f"{name}={client.cookies[name].value}"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        path = path or f"/ws/projects/{run.project.key}/runs/{run.number}/"
        with connect(
            live_site.replace("http", "ws", 1) + path + query,
            origin=origin,
            additional_headers=headers,
            ping_interval=None,
            close_timeout=1,
            compression=None,
            **options,
        ) as socket:
            yield socket

    return open_socket
