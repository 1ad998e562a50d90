"""Speaks to the running product as a script does: commands beside it, and its API."""

import http.client
import json
import subprocess
import sys
import time
import uuid
from contextlib import closing
from urllib.parse import urlsplit

from tests.site.product import CHECKOUT


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


PATIENCE = 120
"""Seconds until a file that waits for a job fails the caller."""


class Api:
    """The API with a token; each call over a connection of its own."""

    def __init__(self, started, secret):
        self.place = urlsplit(started.address).netloc
        self.secret = secret

    def ask(self, method, path, body=None, headers=()):
        if isinstance(body, dict):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        headers = {"Authorization": f"Bearer {self.secret}", **dict(headers)}
        with closing(http.client.HTTPConnection(self.place, timeout=300)) as connection:
            connection.request(method, f"/api/v1/{path}", body, headers)
            with connection.getresponse() as answer:
                text = answer.read()
        assert answer.status < 300, (answer.status, text[:500])
        return json.loads(text)

    def upload(self, key, path, **fields):
        """POST …/imports/; returns the receipt once it is done."""
        receipt = self.send(key, path, **fields)
        until = time.monotonic() + PATIENCE
        while receipt["state"] in ("queued", "reading"):
            assert time.monotonic() < until, receipt
            time.sleep(0.02)
            receipt = self.ask("GET", f"projects/{key}/imports/{receipt['id']}/")
        assert receipt["state"] == "done", receipt
        return receipt

    def send(self, key, path, **fields):
        """POST …/imports/; returns the first answer: the file may wait for a job."""
        body, kind = form_of(path, fields)
        return self.ask("POST", f"projects/{key}/imports/", body, {"Content-Type": kind})


def form_of(path, fields):
    """A multipart body with the file and the fields, and its content type."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{path.name}"\r\nContent-Type: application/xml\r\n\r\n'
    )
    body = "".join(parts).encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
