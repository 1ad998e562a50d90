"""A file of 300 MiB goes through the product as it is served, and not through its memory."""

import hashlib
import http.client
import json
import time
from contextlib import closing
from urllib.parse import urlsplit

from tests.benchmarks.running import forget_peak, memory
from tests.site.client import Api, command

MIB = 1 << 20
SIZE = 300 * MIB
MOST_MEMORY = 20  # MiB that the web process may take more
MOST_TIME = 30  # seconds
ADMINISTRATOR = "admin@example.org"
PIECE = hashlib.sha256(b"a video").digest() * (MIB // 32)
OPENING = (
    b'--edge\r\nContent-Disposition: form-data; name="file"; filename="video.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
)
CLOSING = b"\r\n--edge--\r\n"


def test_a_file_of_300_mib_is_downloaded_with_at_most_20_mib_more_memory(used, make):
    product = make(used, TESTOQA_MAX_ARTIFACT_MB=str(SIZE // MIB + 1)).start()
    product.ready()
    secret = command(product, "issue_token", "--email", ADMINISTRATOR)
    Api(product, secret).ask("POST", "projects/", {"key": "BIG", "name": "Big"})
    web = product.child("testoqa.web")
    download(product, secret, upload(product, secret, MIB))  # what the first one needs is there

    forget_peak(web)
    before = memory(web, "VmRSS")  # also before the upload, whose memory the download could use
    large = upload(product, secret, SIZE)
    began = time.monotonic()
    size, digest = download(product, secret, large, idle=1)
    took, more = time.monotonic() - began, memory(web) - before

    assert (size, digest) == (SIZE, large["sha256"])
    assert more <= MOST_MEMORY
    assert took <= MOST_TIME
    product.stop()


def upload(product, secret, size):
    """Send a file of this many bytes, which is never whole in memory here either."""
    length = len(OPENING) + size + len(CLOSING)
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "multipart/form-data; boundary=edge",
        "Content-Length": str(length),
    }
    body = iter([OPENING, *[PIECE] * (size // MIB), CLOSING])
    with closing(connection_to(product)) as connection:
        connection.request("POST", "/api/v1/projects/BIG/artifacts/", body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
    assert answer.status == 201, said
    return said


def download(product, secret, artifact, idle=0):
    """(bytes, their SHA-256); the reader does nothing for `idle` seconds, as a slow one may."""
    path = f"/api/v1/projects/BIG/artifacts/{artifact['id']}/content/"
    size, digest = 0, hashlib.sha256()
    with closing(connection_to(product)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {secret}"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        time.sleep(idle)
        while piece := answer.read(MIB):
            size += len(piece)
            digest.update(piece)
    return size, digest.hexdigest()


def connection_to(product):
    return http.client.HTTPConnection(urlsplit(product.address).netloc, timeout=MOST_TIME)
