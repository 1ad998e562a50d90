"""Zip files that may be made to fill the memory or the disk: asked before they are unpacked."""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from .notes import FileRefused

CHUNK = 64 << 10
END, END64, LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


class PackedLimits(Protocol):
    """How much may come out of an archive."""

    @property
    def unpacked_bytes(self) -> int: ...
    @property
    def ratio(self) -> int: ...
    @property
    def ratio_from(self) -> int: ...
    @property
    def zip_entries(self) -> int: ...
    @property
    def zip_directory_bytes(self) -> int: ...


def too_large(filename: str, limits: PackedLimits) -> str:
    return (
        f"{filename} holds more than {limits.unpacked_bytes >> 20:,} MiB. Send it in several files."
    )


@dataclass(slots=True)
class Meter:
    """Counts what comes out of an archive against what went in."""

    filename: str
    limits: PackedLimits
    packed: int = 0
    unpacked: int = 0

    def add(self, unpacked: int) -> None:
        self.unpacked += unpacked
        if self.unpacked > self.limits.unpacked_bytes:
            raise FileRefused(too_large(self.filename + " unpacked", self.limits))
        suspicious = self.unpacked > self.limits.ratio_from
        if suspicious and self.unpacked > self.limits.ratio * max(self.packed, 1):
            raise FileRefused(
                f"{self.filename} unpacks to more than {self.limits.ratio} times its size, "
                "as no honest file does. Send the file without compression."
            )


def check_directory(stream: BinaryIO, filename: str, limits: PackedLimits) -> None:
    """Ask the size of the directory before anything of it is read into memory."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - (64 << 10) - 22))
    tail = stream.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < 22:
        raise FileRefused(
            f"{filename} begins as a zip file and has no directory at its end. "
            "It was probably cut: send the whole file again."
        )
    entries, directory = struct.unpack_from("<HL", tail, at + 10)
    if tail[at - 20 : at - 16] == LOCATOR64 and at >= 20:
        stream.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = stream.read(56)
        if len(record) < 56 or not record.startswith(END64):
            raise FileRefused(f"{filename} has a broken zip directory. Pack it anew.")
        entries, directory = struct.unpack_from("<QQ", record, 32)
    stream.seek(0)
    if entries > limits.zip_entries or directory > limits.zip_directory_bytes:
        raise FileRefused(
            f"{filename} holds more than {limits.zip_entries:,} files. "
            "Send a zip of those files alone that are to be read."
        )


def check_entries(entries: list[zipfile.ZipInfo], filename: str) -> None:
    """No two entries may share bytes: that is how a small file unpacks to a huge one."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise FileRefused(
                f"{filename} has entries that lie over each other, as only a forged zip has. "
                "Pack it anew and send it again."
            )
        end = entry.header_offset + 30 + entry.compress_size
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileRefused(
                f"{filename} packs {entry.filename} by another method than deflate. "
                "Pack it with the usual settings and send it again."
            )
        if entry.flag_bits & 0x1:
            raise FileRefused(f"{filename} is encrypted. Send it without a password.")


def opened(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str):
    try:
        return archive.open(entry)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise FileRefused(f"{name} cannot be unpacked ({error}). Pack it anew.") from error


def read_chunk(member: zipfile.ZipExtFile, name: str) -> bytes:
    try:
        return member.read(CHUNK)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FileRefused(f"{name} cannot be unpacked ({error}). Pack it anew.") from error
