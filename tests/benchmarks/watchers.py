"""1,000 watchers of one run, five changes a second: how long until a socket has the frame.

    python -m tests.benchmarks.watchers [--watchers 1000] [--seconds 10]

Serves the site by uvicorn in a process of its own, on a database of its own: the embedded
PostgreSQL, or a test database beside that of DATABASE_URL. The changes are made by a third process,
as verbs make them; a delivery is timed from the commit to the arrival at the client.
"""

import argparse
import asyncio
import base64
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import quote

from tests.benchmarks import table

GOAL_P99 = 250  # ms
CHANGES_A_SECOND = 5
PEOPLE = 20
TICKS = os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--change", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.change:
        return change(options.change, options.seconds * CHANGES_A_SECOND)
    with database(), site() as (port, pid):
        run, secrets = make_run()
        return report(*asyncio.run(measure(port, pid, run, secrets, options)), options)


@contextmanager
def database():
    """A migrated database for this run only; DATABASE_URL names it to the other processes."""
    from tests.database import TestServer

    server = TestServer()
    server.start()
    try:
        os.environ["DJANGO_SETTINGS_MODULE"] = "testoqa.settings"
        import django

        django.setup()
        from django.db import connection
        from django.test.utils import setup_databases, teardown_databases

        made = setup_databases(verbosity=0, interactive=False)
        try:
            os.environ["DATABASE_URL"] = address_of(connection.settings_dict)
            yield
        finally:
            teardown_databases(made, verbosity=0)
    finally:
        server.stop()


def address_of(settings):
    person = ":".join(quote(settings[part], safe="") for part in ("USER", "PASSWORD"))
    place = f"host={quote(settings['HOST'], safe='')}&port={settings['PORT']}"
    return f"postgresql://{person}@/{settings['NAME']}?{place}"


@contextmanager
def site():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        arguments = ["--fd", str(listener.fileno()), "--ws", "websockets-sansio"]
        arguments += ["--ws-per-message-deflate", "false", "--log-level", "warning"]
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "testoqa.asgi:application", *arguments],
            pass_fds=[listener.fileno()],
        )
    try:
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


def make_run():
    from django.utils import timezone

    from tests.factories import make_member, make_project, make_token

    project = make_project("WEB")
    run = project.runs.create(
        number=1,
        name="Nightly",
        environment=project.environments.get(name="ci"),
        state="running",
        started_at=timezone.now(),
        total=10_000,
        pending=10_000,
    )
    people = [make_member(project, "viewer") for _ in range(PEOPLE)]
    return str(run.pk), [make_token(person) for person in people]


def change(run_id, number):
    """Change the run so many times, as the verbs do; prints when each change was committed."""
    import django

    django.setup()
    from django.db import transaction

    from apps.runs import live
    from apps.runs.models import Run

    began = time.monotonic()
    for turn in range(number):
        time.sleep(max(0, began + turn / CHANGES_A_SECOND - time.monotonic()))
        with transaction.atomic():
            run = Run.objects.select_for_update(no_key=True, of=("self",)).get(pk=run_id)
            run.seq, run.passed, run.pending = run.seq + 1, run.passed + 1, run.pending - 1
            run.save(update_fields=["seq", "passed", "pending"])
        print(run.seq, time.monotonic(), flush=True)
        live.run_changed(run)


class Watcher(asyncio.Protocol):
    """The least that a client must do, so that the clients do not slow what they measure."""

    def __init__(self, secret, arrivals, ready):
        self.secret = secret
        self.arrivals = arrivals
        self.ready = ready
        self.received = b""
        self.open = False

    def connection_made(self, transport):
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            (
                "GET /ws/projects/WEB/runs/1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {key}\r\nAuthorization: Bearer {self.secret}\r\n\r\n"
            ).encode()
        )

    def data_received(self, data):
        now = time.monotonic()
        self.received += data
        if not self.open:
            _, end, rest = self.received.partition(b"\r\n\r\n")
            self.open, self.received = bool(end), rest if end else self.received
        while self.open and (text := self.next_frame()) is not None:
            message = json.loads(text)
            if "seq" in message:
                self.arrivals.append((message["seq"], now))
                self.ready()

    def next_frame(self):
        """The next whole frame's payload, {} for a ping or a close; the server masks nothing."""
        if len(self.received) < 4:
            return None
        is_text = self.received[0] & 15 == 1
        length, start = self.received[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(self.received[2:4]), 4
        if len(self.received) < start + length:
            return None
        text, self.received = self.received[start : start + length], self.received[start + length :]
        return text if is_text else b"{}"

    def connection_lost(self, error):
        self.open = False


async def measure(port, pid, run, secrets, options):
    """Delays of all deliveries in ms, the CPU seconds of the site, seconds to connect."""
    began = time.monotonic()
    arrivals = await connect_all(port, secrets, options.watchers)
    connected = time.monotonic() - began
    arrivals.clear()
    busy = cpu_seconds(pid)
    command = [sys.executable, "-m", "tests.benchmarks.watchers", "--change", run]
    changer = await asyncio.create_subprocess_exec(
        *command, "--seconds", str(options.seconds), stdout=asyncio.subprocess.PIPE
    )
    written, _ = await changer.communicate()
    await asyncio.sleep(1)
    committed = {int(seq): float(at) for seq, at in map(bytes.split, written.splitlines())}
    delays = sorted(1000 * (at - committed[seq]) for seq, at in arrivals)
    return delays, cpu_seconds(pid) - busy, connected


async def connect_all(port, secrets, number):
    loop = asyncio.get_running_loop()
    arrivals, everybody = [], asyncio.Event()

    def ready():
        if len(arrivals) == number:
            everybody.set()

    for place in range(number):
        watcher = Watcher(secrets[place % len(secrets)], arrivals, ready)
        for _ in range(100):
            try:
                await loop.create_connection(lambda w=watcher: w, "127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
    async with asyncio.timeout(120):
        await everybody.wait()
    return arrivals


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def report(delays, busy, connected, options):
    """Print what was measured; 1 when the goal is missed or frames are missing."""
    expected = options.watchers * options.seconds * CHANGES_A_SECOND
    missed = table.report(
        f"{options.watchers:,} watchers of one run, {CHANGES_A_SECOND} changes a second",
        [table.Figure("commit to socket, p99", table.at(delays, 0.99), GOAL_P99, "ms")],
    )
    few = len(delays) < expected * 0.95
    print(
        f"  p50 {table.at(delays, 0.5):.0f} ms, most {delays[-1]:.0f} ms;"
        f" {1e6 * busy / len(delays):.0f} us of CPU for each delivery;"
        f" {connected:.1f} s until all were connected\n"
        f"  {len(delays):,} of {expected:,} frames came; those due at once are sent as one"
        f"{'  MISSED' if few else ''}"
    )
    return int(missed or few)


if __name__ == "__main__":
    sys.exit(main())
