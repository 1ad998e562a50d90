"""The site stops at once, whatever its sockets do."""

import time
from contextlib import ExitStack

import pytest
from django.db import connection
from websockets.sync.client import connect

from apps.runs import hub
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run, make_token, owner_of
from tests.live.sockets import close_code, frame
from tests.live.test_frames import flood, numbered
from tests.live_site import serving

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def test_the_site_stops_while_a_hundred_sockets_are_open(project):
    from testoqa.asgi import application

    with ExitStack() as opened:
        with serving(application) as address:
            watchers = [
                opened.enter_context(socket) for socket in open_sockets(address, project, 100)
            ]
            assert {frame(watcher)["status"] for watcher in watchers} == {"created"}
            began = time.monotonic()
        assert time.monotonic() - began < 5
        assert {close_code(watcher) for watcher in watchers} == {1012}
    assert connections_of("hub") == connections_of("hints") == 0


def test_the_site_stops_while_a_client_takes_nothing(project):
    from testoqa.asgi import application

    with ExitStack() as opened:
        with serving(application) as address:
            (stuck,) = open_sockets(address, project, 1, max_queue=1, max_size=2**24)
            frame(opened.enter_context(stuck))
            large = numbered(0, padding="x" * 2**22)
            flood(lambda found: [found.offer(1000 + more, large) for more in range(8)])
            time.sleep(1)
            assert next(iter(hub.hubs.values())).sockets
            began = time.monotonic()
        assert time.monotonic() - began < 8
    assert connections_of("hub") == 0


def open_sockets(address, project, number, **options):
    run = make_run(project)
    secret = make_token(owner_of(project))
    return [
        connect(
            f"{address.replace('http', 'ws', 1)}/ws/projects/WEB/runs/{run.number}/",
            additional_headers={"Authorization": f"Bearer {secret}"},
            ping_interval=None,
            close_timeout=1,
            compression=None,
            **options,
        )
        for _ in range(number)
    ]


def connections_of(purpose):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [f"testoqa {purpose}"],
        )
        return cursor.fetchone()[0]
