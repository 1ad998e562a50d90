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
def project(live_site):
    from tests.factories import make_project

    return make_project("WEB")


@pytest.fixture
def nightly(project):
    from apps.runs import lifecycle
    from tests.factories import owner_of

    return lifecycle.create_run(
        project,
        by=owner_of(project),
        name="Nightly",
        environment=project.environments.get(name="ci"),
    )


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
