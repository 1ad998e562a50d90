"""Requests byte by byte, as a client may send them that no library would be."""

import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

KIB = 1024


@contextmanager
def sending(address, path, headers, method="POST"):
    """A connection on which the head of a request was sent."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {place.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        yield connection


def answer(connection):
    """(status, headers, body)"""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or pytest.fail(f"Closed after {received!r}.")
    head, _, body = received.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return int(status.split()[1]), headers, body


def send(address, path, size, headers):
    """The status of a request with a body of so many bytes."""
    with sending(address, path, {**headers, "Content-Length": size}) as connection:
        connection.sendall(b"x" * size)
        return answer(connection)[0]


def send_in_chunks(address, path, size, headers, piece=16 * KIB):
    with sending(address, path, {**headers, "Transfer-Encoding": "chunked"}) as connection:
        for _ in range(size // piece):
            connection.sendall(b"%x\r\n%s\r\n" % (piece, b"x" * piece))
        connection.sendall(b"0\r\n\r\n")
        return answer(connection)[0]
