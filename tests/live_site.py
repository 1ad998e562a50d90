"""The site as it is served: uvicorn in a thread, on a port of its own, with real commits."""

import asyncio
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn


@contextmanager
def serving(application, *, lifespan="on"):
    """Serve an ASGI application on loopback; yields its address, http://127.0.0.1:port."""
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        lifespan=lifespan,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(serve(server)), name="uvicorn")
    thread.start()
    try:
        yield f"http://127.0.0.1:{port_of(server, thread)}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "The site did not stop."


async def serve(server):
    await server.serve()
    for connection in tuple(server.server_state.connections):
        connection.transport.abort()  # of a client that takes nothing; a process would just end
    await asyncio.sleep(0)


def port_of(server, thread):
    give_up = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "The site did not start."
        assert time.monotonic() < give_up, "The site takes too long to start."
        time.sleep(0.01)
    return server.servers[0].sockets[0].getsockname()[1]


@pytest.fixture
def live_site(transactional_db, settings):
    """The base address. What the test commits is what the site shows."""
    from testoqa.asgi import application

    with serving(application) as address:
        yield address
