"""Where the embedded PostgreSQL keeps its files, and how it is reached."""

import os
import secrets
import stat
import tempfile
from pathlib import Path

from testoqa import data_folder
from testoqa.postgres.account import Account

USER = "testoqa"
DATABASE = "testoqa"
PORT = "5432"
# A socket's address has room for 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET = 100


def home_of(data: Path) -> Path:
    """The folder of the embedded PostgreSQL within a data folder."""
    return data / "postgres"


def connection_settings(data: Path) -> dict[str, str]:
    """Django's settings for the embedded database; reads what is there and makes nothing."""
    home = home_of(data)
    return {
        "HOST": str(socket_folder(home)),
        "PORT": PORT,
        "USER": USER,
        "PASSWORD": _read(home / "password"),
        "NAME": DATABASE,
    }


def socket_folder(home: Path) -> Path:
    """Where the socket lies: in the home, or in the short folder that the last start noted."""
    return Path(_read(home / "socket_folder") or home / "socket")


def make_socket_folder(home: Path, account: Account) -> Path:
    """Make the folder of the socket, readable by nobody else, and note where it is."""
    folder = home / "socket"
    note = home / "socket_folder"
    if not _fits(folder):
        noted = socket_folder(home)
        folder = noted if note.exists() and _is_private(noted) else _short_folder()
        note.write_text(f"{folder}\n")
        account.own(note)
    else:
        note.unlink(missing_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    account.own(folder)
    return folder


def make_password(home: Path, account: Account) -> str:
    """Return the password of the database, made at the first start."""
    password = data_folder.read_or_make(home / "password", secrets.token_urlsafe(32))
    account.own(home / "password")
    return password


def _fits(folder: Path) -> bool:
    # libpq and PostgreSQL read a comma or quote in this setting as punctuation.
    address = os.fsencode(folder / f".s.PGSQL.{PORT}")
    return len(address) <= LONGEST_SOCKET and not set(str(folder)) & set(",\"'\\\n")


def _short_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="testoqa-"))
    if not _fits(folder):
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="testoqa-", dir="/tmp"))
    return folder


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    mine = found.st_uid == os.geteuid() or os.geteuid() == 0
    return stat.S_ISDIR(found.st_mode) and mine and stat.S_IMODE(found.st_mode) == 0o700


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
