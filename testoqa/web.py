"""The web process of `up`: pages, API and sockets on a socket that the supervisor opened."""

import argparse
import socket

import uvicorn

from testoqa.processes import await_serve, end_with_supervisor

STOP = 6  # seconds for answers under way, within the 11.5 of the supervisor


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--control", type=int, required=True)
    options = parser.parse_args()

    from django.urls import get_resolver

    from testoqa.asgi import application

    # Every view is loaded while the database is being prepared, not by the first request.
    _ = get_resolver().url_patterns
    config = uvicorn.Config(
        application,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        # Frames are small; a compressor for each of a thousand watchers is not.
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP,
    )
    await_serve(options.control)
    end_with_supervisor(options.control)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=options.socket)])


if __name__ == "__main__":
    main()
