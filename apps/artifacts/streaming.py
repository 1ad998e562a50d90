"""Files leave in small pieces: under ASGI Django reads a plain file response whole into memory."""

from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest

PIECE = 64 * 1024


def in_pieces(request, file: BinaryIO) -> AsyncIterator[bytes] | Iterator[bytes]:
    """The file's bytes, 64 KiB at a time, in the form that suits the server; closes it at the end."""
    if isinstance(request, ASGIRequest):
        return _asynchronously(file)
    return _synchronously(file)


async def _asynchronously(file):
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        while piece := await read(PIECE):
            yield piece
    finally:
        file.close()


def _synchronously(file):
    with file:
        while piece := file.read(PIECE):
            yield piece
