"""The real product for a benchmark: started, spoken to over HTTP, looked at from outside."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from tests.site.client import Api, command
from tests.site.product import Product, environment

PASSWORD = "benchmark-only-7Q"
EMAIL = "admin@example.org"


@contextmanager
def product(*options, **more):
    """`manage.py up` on an empty data folder, ready; stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="testoqa-bench-") as folder:
        more = {"TESTOQA_RATE_LIMIT": "0", **more}  # a receipt is asked for fifty times a second
        env = environment(TESTOQA_ADMIN_PASSWORD=PASSWORD, **more)
        started = Product(Path(folder), Path(folder) / "data", env, *options).start()
        try:
            started.ready()
            started.await_ready_checks()
            yield started
        finally:
            started.end()


def make_api(started, key):
    """A project of this key, and its administrator's way in."""
    api = Api(started, command(started, "issue_token", "--email", EMAIL, "--name", "benchmark"))
    api.ask("POST", "projects/", {"key": key, "name": f"Benchmark {key}"})
    return api


def memory(pid, what="VmHWM"):
    """MiB of a process: its peak (VmHWM), or what it holds now (VmRSS)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peak(pid):
    """Let the peak begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def shared_memory(pids):
    """MiB of processes together, pages that several share counted once (PSS)."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def load():
    return " ".join(f"{value:.1f}" for value in os.getloadavg())
