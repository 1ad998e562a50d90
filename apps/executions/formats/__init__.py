"""Readers of result files: JUnit XML and JSON, plain, in gzip or zip, found by their bytes.

Nothing here knows of Django or the database. A reader yields results while it reads and raises
FileRefused for the whole file, also late, so a caller takes back what it did with earlier ones.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from .batch import parse_batch_item
from .jsonfile import NotJsonResults, read_batch, read_json
from .junit import read_junit
from .results import USUAL, FileRefused, ItemRefused, Limits, Reading, Result, Try
from .testcases import NotResults
from .unpack import CHUNK, Part, open_upload, packing

__all__ = [
    "FileRefused", "ItemRefused", "Limits", "Reading", "Result", "Try", "parse_batch_item",
    "read_batch", "read_results",
]  # fmt: skip

LEADING = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


def read_results(
    stream: BinaryIO, *, filename: str, reading: Reading, limits: Limits = USUAL
) -> Iterator[Result]:
    """Yield the results of one uploaded file, which has to be seekable.

    `reading` is filled meanwhile: `bytes_read` counts bytes of the upload as it lies there, and
    the rest is complete when the last result was given. Raises FileRefused.
    """
    reading.bytes_total = stream.seek(0, 2)
    stream.seek(0)
    found = False
    for part in open_upload(stream, filename, reading, limits):
        try:
            for results in _read_part(part, reading, limits):
                yield from results
            found = True
        except (NotResults, NotJsonResults) as other:
            if not part.of_many:
                raise
            reading.warn("other files", f"Passed over: {other}")
    if not found:
        raise FileRefused(
            f"{filename} holds no result file. Send JUnit XML or JSON, or a zip of such files."
        )
    reading.finish()


def _read_part(part: Part, reading: Reading, limits: Limits) -> Iterable[Iterable[Result]]:
    head = _head(part)
    start = head.lstrip(LEADING)[:1]
    if start == b"<":
        return read_junit(part, head, reading, limits)
    if start in (b"[", b"{"):
        return [read_json(part.chunks(), part.name, reading, limits)]
    archive = packing(head)
    kind = f"a {archive} archive or compression" if archive else "neither XML nor JSON"
    raise NotResults(
        f"{part.name} is {kind}. Send JUnit XML, a JSON list of results or NDJSON, plain, as its "
        "gzip, or a zip of such files."
    )


def _head(part: Part) -> bytes:
    """The first bytes, past any white space at the beginning."""
    head = b""
    for chunk in part.chunks():
        head += chunk
        if len(head) >= 1024 and head.lstrip(LEADING):
            break
        if len(head) > 4 * CHUNK:
            break
    return head.lstrip(b" \t\r\n") if head[:1] in (b" ", b"\n", b"\r", b"\t") else head
