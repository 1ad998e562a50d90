"""`manage.py up`: PostgreSQL, the web process and the worker in one tree, which ends as one.

This process holds the locks, the listening socket and the children, and nothing else: no Django, no
thread. It alone handles signals. The children lead sessions of their own, so that Ctrl-C reaches
only this process; they end with it even when it is killed.
"""

import argparse
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Self

from django.core.exceptions import ImproperlyConfigured

from testoqa import data_folder, secrets
from testoqa.data_folder import BESIDE_CODE, CannotStart, Lock
from testoqa.processes import ends_with_parent

CODE = BESIDE_CODE.parent
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CHILDREN_STOP = 11.5  # seconds; the whole tree has 15
DATABASE_STOP = 2.5
MOST_FAILURES = 5
STEADY = 60  # seconds after which a child's earlier failures are forgotten
FIRST_ANSWER = 120
FIRST_HEARTBEAT = 15


class StopRequested(BaseException):
    """Ctrl-C or a signal asks the tree to end."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (%(default)s)")
    parser.add_argument("--data", metavar="DIR", help="data folder (TESTOQA_DATA, else var/)")
    parser.add_argument("--no-demo", action="store_true", help="make no demo project at first")
    parser.add_argument("--no-worker", action="store_true", help="leave jobs to other machines")


def up(arguments: list[str]) -> int:
    """Serve until a signal comes; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="manage.py up", description="Start TestoQA and serve until Ctrl-C."
    )
    add_arguments(parser)
    options = parser.parse_args(arguments)
    if options.data:
        os.environ["TESTOQA_DATA"] = options.data
    try:
        with signals_stop(), Tree(options, data_folder.chosen()) as tree:
            tree.start()
            tree.watch()
    except StopRequested:
        print("TestoQA has stopped.", flush=True)
        return 0
    except (CannotStart, ImproperlyConfigured) as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 1
    return 0


@contextmanager
def signals_stop() -> Iterator[None]:
    """Turn the first signal into StopRequested; later ones find the tree stopping already."""

    def stop(number: int, frame: FrameType | None) -> None:
        for sign in STOP_SIGNALS:
            signal.signal(sign, signal.SIG_IGN)
        raise StopRequested

    for sign in STOP_SIGNALS:
        # nohup asks for a process that a closed terminal does not end.
        if signal.getsignal(sign) != signal.SIG_IGN or sign != signal.SIGHUP:
            signal.signal(sign, stop)
    yield


class Child:
    """A Python process of the tree: it serves once told to, and is started again when it fails."""

    def __init__(self, module: str, *options: str, passing: tuple[int, ...] = ()) -> None:
        self.module = module
        self.options = options
        self.passing = passing
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.started = 0.0
        self.due: float | None = None
        self.control = -1

    @property
    def name(self) -> str:
        return self.module.removeprefix("testoqa.")

    def spawn(self) -> None:
        """Start the process; it prepares itself and waits for `serve`."""
        self._close_control()
        listens, self.control = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, *self.options, f"--control={listens}"],
                cwd=CODE,
                stdin=subprocess.DEVNULL,
                pass_fds=[listens, *self.passing],
                preexec_fn=ends_with_parent(signal.SIGKILL),
                start_new_session=True,
            )
        finally:
            os.close(listens)
        self.started = time.monotonic()
        self.due = None

    def serve(self) -> None:
        """Tell the process that the database is ready."""
        try:
            os.write(self.control, b"serve\n")
        except BrokenPipeError:
            pass  # it has died; `look_after` will see

    def look_after(self) -> None:
        """Start the process again if it died, each time after a longer wait."""
        now = time.monotonic()
        if self.due is not None and now >= self.due:
            self.spawn()
            self.serve()
        elif self.due is None and self.process and self.process.poll() is not None:
            if now - self.started > STEADY:
                self.failures = 0
            self.failures += 1
            if self.failures > MOST_FAILURES:
                raise CannotStart(
                    f"The {self.name} process ended {self.failures} times in a row, the last time "
                    f"with code {self.process.returncode}; the reason stands above."
                )
            self.due = now + 0.5 * 2 ** (self.failures - 1)
            print(
                f"The {self.name} process ended with code {self.process.returncode}; "
                "it is started again.",
                file=sys.stderr,
                flush=True,
            )

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def await_end(self, until: float) -> None:
        self._close_control()
        if self.process is None:
            return
        try:
            self.process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _close_control(self) -> None:
        if self.control >= 0:
            os.close(self.control)
            self.control = -1


class Tree:
    """Everything that `up` runs, stopped in the right order however its block ends."""

    def __init__(self, options: argparse.Namespace, data: Path) -> None:
        self.options = options
        self.data = data
        self.children: list[Child] = []
        self.database: Database | None = None
        self.opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.children:
            child.ask_to_stop()
        until = time.monotonic() + CHILDREN_STOP
        for child in self.children:
            child.await_end(until)
        if self.database:
            self.database.stop()
        self.opened.close()

    def start(self) -> None:
        """Bring everything up and say where it answers; raises CannotStart with one sentence."""
        lock = self._lock_data()
        self._wake_on_child_end()
        listener = self.opened.enter_context(_listen(self.options.host, self.options.port))
        os.environ["TESTOQA_DATA"] = str(self.data)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testoqa.settings")
        if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
            # Common in containers, so that nothing is written beside the code; compiling everything
            # at each start would cost several seconds.
            os.environ["PYTHONPYCACHEPREFIX"] = str(data_folder.private(self.data / "bytecode"))
        os.environ["TESTOQA_WORKER"] = "0" if self.options.no_worker else "1"
        if not os.environ.get("TESTOQA_SECRET_KEY", "").strip():
            secrets.secret_key(self.data)
        import_module("testoqa.settings")  # a wrong value is said before anything starts
        self.database = Database(self.data)
        self.database.start()
        web = Child("testoqa.web", f"--socket={listener.fileno()}", passing=(listener.fileno(),))
        self.children.append(web)
        web.spawn()  # loads while the database is prepared
        self._prepare()
        web.serve()
        if not self.options.no_worker:
            worker = Child("testoqa.worker", *self.database.alone)
            self.children.append(worker)
            worker.spawn()
            worker.serve()
        address = _address(self.options.host, listener.getsockname()[1])
        self._await_answer(listener)
        lock.write(f"{os.getpid()} {address}")
        print(f"TestoQA is ready at {address}", flush=True)

    def watch(self) -> None:
        """Keep what died alive, until a signal comes."""
        while True:
            dues = [child.due for child in self.children if child.due is not None]
            wait = max(min(dues) - time.monotonic(), 0) if dues else None
            if select.select([self.wakes], [], [], wait)[0]:
                self.wakes.recv(4096)
            self.look_after()

    def look_after(self) -> None:
        if self.database:
            self.database.look_after()
        for child in self.children:
            child.look_after()

    def _lock_data(self) -> Lock:
        data_folder.prepare(self.data)
        lock = Lock(self.data / "up.lock")
        self.opened.callback(lock.close)
        if not lock.take():
            pid, _, address = lock.read().partition(" ")
            where = f" at {address}" if address else ""
            raise CannotStart(
                f"TestoQA already runs on {self.data}{where} (process {pid}): stop it first, or "
                "name another folder by --data."
            )
        lock.write(str(os.getpid()))
        return lock

    def _wake_on_child_end(self) -> None:
        self.wakes, rings = socket.socketpair()
        for end in (self.wakes, rings):
            end.setblocking(False)
            self.opened.callback(end.close)
        signal.set_wakeup_fd(rings.fileno(), warn_on_full_buffer=False)
        self.opened.callback(signal.set_wakeup_fd, -1)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _prepare(self) -> None:
        demo = ["--no-demo"] if self.options.no_demo else []
        process = subprocess.Popen(
            [sys.executable, "-m", "testoqa.prepare", *demo],
            cwd=CODE,
            stdin=subprocess.DEVNULL,
            preexec_fn=ends_with_parent(signal.SIGKILL),
            start_new_session=True,
        )
        try:
            code = process.wait()
        except StopRequested:
            # A migration that is cut off is rolled back, and done at the next start.
            process.kill()
            process.wait()
            raise
        if code:
            raise CannotStart(
                "TestoQA was not started: its database could not be prepared, see above."
            )

    def _await_answer(self, listener: socket.socket) -> None:
        """Wait for the web process, and then for the worker, which readyz asks for."""
        until = time.monotonic() + FIRST_ANSWER
        while _status(listener, "/healthz") is None:
            self.look_after()
            if time.monotonic() > until:
                raise CannotStart(f"TestoQA does not answer after {FIRST_ANSWER} s.")
            time.sleep(0.05)
        until = time.monotonic() + FIRST_HEARTBEAT
        while _status(listener, "/readyz") == 503 and time.monotonic() < until:
            self.look_after()
            time.sleep(0.1)


class Database:
    """The embedded PostgreSQL, or the one that DATABASE_URL names, which only needs to fit."""

    def __init__(self, data: Path) -> None:
        from testoqa import environment, postgres

        self.server: postgres.Server | None = None
        self.failures = 0
        self.check: Callable[[], None] = lambda: None
        named = environment.database("DATABASE_URL")
        if named is None:
            self.server = postgres.Server(data)
        else:
            self.check = lambda: postgres.require_fit(named)

    def start(self) -> None:
        self.check()
        if self.server:
            self.server.start()

    @property
    def alone(self) -> tuple[str, ...]:
        """What tells the worker that no other machine's works on this database."""
        return ("--alone",) if self.server else ()

    def look_after(self) -> None:
        """Start the server again if it was killed; it recovers what was committed."""
        if self.server is None or self.server.process is None:
            return
        if self.server.process.poll() is not None:
            self.failures += 1
            if self.failures > MOST_FAILURES:
                raise CannotStart(f"PostgreSQL ended {self.failures} times; see its server.log.")
            print(
                "PostgreSQL ended unexpectedly; it is started again.", file=sys.stderr, flush=True
            )
            self.server.start()

    def stop(self) -> None:
        if self.server:
            self.server.stop(patience=DATABASE_STOP)


@contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    """Listen before anything is started: a taken port is found at once, and none asks in vain."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise CannotStart(f"{host}:{port} is no address to listen on: {error}.") from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(1024)
        except (OSError, OverflowError) as error:
            raise CannotStart(
                f"TestoQA cannot listen on {host} port {port} ({_reason(error)}): choose another "
                "by --port or --host."
            ) from None
        yield listener


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _status(listener: socket.socket, path: str) -> int | None:
    """The status with which the web process answers, None while it does not."""
    host, port = listener.getsockname()[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(local, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
