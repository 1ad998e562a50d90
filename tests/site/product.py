"""Starts the real product in a process tree of its own, as a person would."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

CHECKOUT = Path(__file__).resolve().parent.parent.parent
READY = re.compile(r"^TestoQA is ready at (http://\S+/)$", re.MULTILINE)
FORGET = ("TESTOQA_", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTEST", "PYTHONDONTWRITEBYTECODE")


def environment(bytecode: Path | None = None, **more: str) -> dict[str, str]:
    """Ours without what pytest and the tests' own database put into it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(FORGET)}
    if bytecode:
        clean["PYTHONPYCACHEPREFIX"] = str(bytecode)  # compiled once for all starts
    return clean | more


class Product:
    """`manage.py up` on a free port, with what it prints kept in a file."""

    def __init__(self, folder: Path, data: Path, env: dict[str, str], *options: str) -> None:
        self.output = folder / f"output-{time.monotonic_ns()}"
        self.data = data
        self.env = env
        self.options = options
        self.checkout = CHECKOUT
        self.process: subprocess.Popen[bytes] | None = None
        self.popen: dict[str, Any] = {}
        self.before: list[str] = []
        self.demo = False

    def start(self) -> "Product":
        """Start it, and return at once."""
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(*self.before, sys.executable, str(self.checkout / "manage.py"), "up"),
                    *("--port=0", f"--data={self.data}", *self.options),
                    *([] if self.demo else ["--no-demo"]),
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.env,
                **self.popen,
            )
        return self

    def ready(self, within: float = 60) -> str:
        """Wait for the address."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            if found := READY.search(self.said()):
                return found[1]
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)
        raise AssertionError(f"not ready within {within} s: {self.said()}")

    @property
    def address(self) -> str:
        return READY.search(self.said())[1]

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:
                return answer.status, json.load(answer)
        except HTTPError as answer:
            return answer.code, json.load(answer)

    def await_ready_checks(self, within: float = 30) -> dict[str, Any]:
        until = time.monotonic() + within
        while True:
            status, answer = self.get("readyz")
            if status == 200 or time.monotonic() > until:
                assert status == 200, answer
                return answer
            time.sleep(0.2)

    def stop(self, within: float = 15) -> float:
        """Stop it as Ctrl-C or a service manager would; returns the seconds it took."""
        family = self.family()
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(within)
        took = time.monotonic() - began
        assert code == 0, self.said()
        assert not alive(family), self.said()
        return took

    def refused(self, within: float = 30) -> str:
        """Wait for it to end by itself; returns the one sentence that it said."""
        code = self.process.wait(within)
        said = self.said().strip()
        assert code != 0, said
        assert "Traceback" not in said
        assert len(said.splitlines()) == 1, said
        return said

    def kill_everything(self) -> None:
        """What the end of a machine does: no process of the tree can act any more."""
        held: list[int] = []
        # First all are held, or one would act on the end of another, or make a new one meanwhile.
        while new := [pid for pid in self.family() if pid not in held]:
            held += [pid for pid in new if sent(pid, signal.SIGSTOP)]
        for pid in held:
            sent(pid, signal.SIGKILL)
        self.process.wait(10)
        await_end(held)

    def family(self) -> list[int]:
        """The numbers of all processes of the tree."""
        return descendants(self.process.pid)

    def child(self, module: str) -> int:
        """The number of the process that runs a module, such as testoqa.worker."""
        (pid,) = self._running(module)
        return pid

    def runs(self, module: str) -> bool:
        return bool(self._running(module))

    def _running(self, module: str) -> list[int]:
        """An internal process is `-m module`; the database's first one is `-D folder`."""
        return [pid for pid in self.family() if f" {module} " in command_line(pid)]

    def end(self) -> None:
        """Leave nothing behind when a test failed."""
        if self.process and self.process.poll() is None:
            self.kill_everything()


def descendants(pid: int) -> list[int]:
    """A process and all below it, the topmost first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def sent(pid: int, number: signal.Signals) -> bool:
    """False if the process has ended by itself."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def alive(pids: list[int]) -> list[int]:
    """Those that still run; the remains that init has not yet collected do not."""
    return [pid for pid in pids if command_line(pid)]


def await_end(pids: list[int], within: float = 10) -> None:
    await_true(lambda: not alive(pids), within)


def await_true(what: Callable[[], object], within: float = 20) -> None:
    until = time.monotonic() + within
    while not what():
        assert time.monotonic() < until, f"not within {within} s"
        time.sleep(0.1)


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
