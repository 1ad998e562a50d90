"""Files leave in small pieces: under ASGI Django reads a plain file response whole into memory."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest

PIECE = 64 * 1024


class Pieces:
    """A file's bytes for a streaming response, which closes it also when nobody read it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def close(self) -> None:
        self.file.close()


class SyncPieces(Pieces):
    def __iter__(self) -> Iterator[bytes]:
        return iter(partial(self.file.read, PIECE), b"")


class AsyncPieces(Pieces):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(self.file.read, thread_sensitive=False)
        while piece := await read(PIECE):
            yield piece


def in_pieces(request, file: BinaryIO) -> SyncPieces | AsyncPieces:
    """The file's bytes, 64 KiB at a time, in the form that suits the server."""
    return AsyncPieces(file) if isinstance(request, ASGIRequest) else SyncPieces(file)
