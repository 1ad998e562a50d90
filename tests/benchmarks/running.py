"""The real product for a benchmark: started, spoken to over HTTP, looked at from outside."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.site.product import CHECKOUT, Product, environment

PASSWORD = "benchmark-only-7Q"
EMAIL = "admin@example.org"


@contextmanager
def product(*options, **more):
    """`manage.py up` on an empty data folder, ready; stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="testoqa-bench-") as folder:
        env = environment(TESTOQA_ADMIN_PASSWORD=PASSWORD, **more)
        started = Product(Path(folder), Path(folder) / "data", env, *options).start()
        try:
            started.ready()
            started.await_ready_checks()
            yield started
        finally:
            started.end()


def command(started, *arguments):
    """A manage.py command beside the running product; returns the last line it prints."""
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "manage.py"), *arguments],
        env={**started.env, "TESTOQA_DATA": str(started.data)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]


class Api:
    """One kept connection with a token."""

    def __init__(self, started, secret):
        self.connection = http.client.HTTPConnection(urlsplit(started.address).netloc, timeout=300)
        self.headers = {"Authorization": f"Bearer {secret}"}

    def ask(self, method, path, body=None, headers=()):
        if isinstance(body, dict):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        self.connection.request(method, f"/api/v1/{path}", body, {**self.headers, **dict(headers)})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status < 300, (answer.status, text[:500])
        return json.loads(text)

    def upload(self, key, path, **fields):
        """POST …/imports/; returns the receipt once it is done."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        head = (
            "".join(parts)
            + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            + f'filename="{path.name}"\r\nContent-Type: application/xml\r\n\r\n'
        ).encode()
        body = head + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        receipt = self.ask("POST", f"projects/{key}/imports/", body, kind)
        while receipt["state"] in ("queued", "reading"):
            time.sleep(0.02)
            receipt = self.ask("GET", f"projects/{key}/imports/{receipt['id']}/")
        assert receipt["state"] == "done", receipt
        return receipt


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
