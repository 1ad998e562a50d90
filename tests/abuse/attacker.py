"""Somebody who asks the running site for what is not theirs, over a connection of their own."""

import http.client
import json as encoding
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test.client import BOUNDARY, encode_multipart

CSRF = "k" * 32


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    request: str

    def __getitem__(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self):
        return encoding.loads(self.body)

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def whole(self):
        return repr(self.headers).encode() + self.body


class Attacker:
    """Asks by session or token; `heard` gets every answer, and fails the test for what it holds."""

    def __init__(self, address, heard, *, name="", session="", token=""):
        self.host = urlsplit(address).netloc
        self.heard, self.name = heard, name
        self.cookies = {settings.SESSION_COOKIE_NAME: session} if session else {}
        self.token = token
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def __str__(self):
        return self.name

    def ask(self, method, path, *, json=None, form=None, body=None, headers=None, csrf=True):
        """`json` and `form` are encoded; `body` is (bytes, content type) as it goes."""
        data, kind = body or encoded(json, form)
        sent = {**({"Content-Type": kind} if kind else {}), **self.known(csrf), **(headers or {})}
        answer = self.send(method, path, data, sent)
        self.heard(answer)
        return answer

    def send(self, method, path, data, headers):
        try:
            self.connection.request(method, path, body=data, headers=headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.connection.close()  # an idle connection that the site had ended
            self.connection.request(method, path, body=data, headers=headers)
            response = self.connection.getresponse()
        found = response.read()
        return Answer(
            response.status, response.getheaders(), found, f"{method} {path} by {self.name}"
        )

    def known(self, csrf):
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        cookies = {**self.cookies, **({settings.CSRF_COOKIE_NAME: CSRF} if csrf else {})}
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        return {**headers, "X-CSRFToken": CSRF} if csrf else headers

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, **options):
        return self.ask("POST", path, **options)

    def close(self):
        self.connection.close()


def encoded(json, form):
    if json is not None:
        return encoding.dumps(json).encode(), "application/json"
    if form is None:
        return b"", ""
    if any(hasattr(value, "read") for value in form.values()):
        return encode_multipart(BOUNDARY, form), f"multipart/form-data; boundary={BOUNDARY}"
    return urlencode(form, doseq=True).encode(), "application/x-www-form-urlencoded"
