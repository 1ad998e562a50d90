"""What an upload consists of: one plain file, a gzip of it, or a zip of many."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from apps.artifacts.reading.notes import FileRefused
from apps.artifacts.reading.zips import (
    CHUNK,
    Meter,
    check_directory,
    check_entries,
    opened,
    read_chunk,
    too_large,
)

from .results import Limits, Reading

GZIP, ZIP = b"\x1f\x8b", b"PK"
PACKED = {
    b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstandard", b"7z\xbc\xaf": "7-Zip",
}  # fmt: skip


@dataclass(slots=True)
class Part:
    """One file of the upload; `chunks` can be called again to read it from its beginning."""

    name: str
    chunks: Callable[[], Iterator[bytes]]
    of_many: bool = False


def open_upload(
    stream: BinaryIO, filename: str, reading: Reading, limits: Limits
) -> Iterator[Part]:
    """The files of an upload, found by its bytes and not by its name."""
    head = stream.read(8)
    if not head:
        raise FileRefused(f"{filename} is empty. Send the file that the test tool wrote.")
    if head.startswith(ZIP) and packing(head) == "zip":
        yield from _zip_parts(stream, filename, reading, limits)
    elif head.startswith(GZIP):
        yield Part(filename, lambda: _gunzip(stream, filename, reading, limits))
    else:
        yield Part(filename, lambda: _plain(stream, filename, reading, limits))


def packing(head: bytes) -> str:
    """The name of the archive or compression that these first bytes announce, or nothing."""
    for magic, name in PACKED.items():
        if head.startswith(magic):
            return name
    return "tar" if head[257:262] == b"ustar" else ""


def _plain(stream: BinaryIO, filename: str, reading: Reading, limits: Limits) -> Iterator[bytes]:
    stream.seek(0)
    total = 0
    while chunk := stream.read(CHUNK):
        total += len(chunk)
        if total > limits.unpacked_bytes:
            raise FileRefused(too_large(filename, limits))
        reading.bytes_read = max(reading.bytes_read, total)
        yield chunk


def _gunzip(stream: BinaryIO, filename: str, reading: Reading, limits: Limits) -> Iterator[bytes]:
    """Unpack gzip, also of several members one after the other, in pieces of a chunk."""
    stream.seek(0)
    meter = Meter(filename, limits)
    unpacker, begun, members = zlib.decompressobj(wbits=31), False, 1
    while packed := stream.read(CHUNK):
        meter.packed += len(packed)
        reading.bytes_read = max(reading.bytes_read, meter.packed)
        while packed:
            if unpacker.eof:
                packed = packed.lstrip(b"\0")
                if not packed:
                    break
                if not packed.startswith(GZIP[: len(packed)]):
                    raise FileRefused(
                        f"{filename} goes on with something else after its gzip data. "
                        "Pack it anew and send it again."
                    )
                unpacker, members = zlib.decompressobj(wbits=31), members + 1
                if members > limits.gzip_members:
                    raise FileRefused(
                        f"{filename} consists of more than {limits.gzip_members:,} pieces of gzip "
                        "data. Pack it anew and send it again."
                    )
            try:
                chunk = unpacker.decompress(packed, CHUNK)
            except zlib.error as error:
                raise FileRefused(
                    f"{filename} is damaged gzip data ({error}). Pack it anew and send it again."
                ) from error
            packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            meter.add(len(chunk))
            if chunk:
                if not begun:
                    _refuse_packed_again(chunk, filename)
                    begun = True
                yield chunk
    if not unpacker.eof:
        raise FileRefused(f"{filename} ends before its gzip data does. Send the whole file again.")


def _refuse_packed_again(head: bytes, filename: str) -> None:
    again = packing(head)
    if again:
        raise FileRefused(
            f"{filename} holds {again} data within gzip. "
            "Send the result file itself, its gzip, or a zip of result files."
        )


def _zip_parts(stream: BinaryIO, filename: str, reading: Reading, limits: Limits) -> Iterator[Part]:
    check_directory(stream, filename, limits)
    meter = Meter(filename, limits, packed=reading.bytes_total)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            check_entries(entries, filename)
            for entry in entries:
                # Names are labels here and nothing is written under them.
                name = f"{filename}:{entry.filename}"
                yield Part(name, _member(archive, entry, name, meter, reading), of_many=True)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, struct.error) as error:
        raise FileRefused(
            f"{filename} is not a sound zip file ({error}). Pack it anew and send it again."
        ) from error


def _member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, meter: Meter, reading: Reading
) -> Callable[[], Iterator[bytes]]:
    counted = 0

    def chunks() -> Iterator[bytes]:
        nonlocal counted
        seen = 0
        with opened(archive, entry, name) as member:
            while chunk := read_chunk(member, name):
                seen += len(chunk)
                # A second reading of the same member does not count again.
                meter.add(max(0, seen - counted))
                counted = max(counted, seen)
                yield chunk
        done = entry.header_offset + entry.compress_size
        reading.bytes_read = min(max(reading.bytes_read, done), reading.bytes_total)

    return chunks
