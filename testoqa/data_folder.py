"""The folder that holds everything TestoQA keeps on this machine, and the locks within it."""

import fcntl
import os
import secrets
from pathlib import Path

BESIDE_CODE = Path(__file__).resolve().parent.parent / "var"


class CannotStart(Exception):
    """Says in one sentence why TestoQA cannot start, and what to do about it."""


def chosen() -> Path:
    """The folder that TESTOQA_DATA names, else the one beside the code."""
    return Path(os.environ.get("TESTOQA_DATA", "").strip() or BESIDE_CODE).expanduser().resolve()


def prepare(folder: Path) -> None:
    """Make the data folder if it is missing; the mode of one that exists is left as it is."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise CannotStart(f"{folder} is a file; name a folder by --data or TESTOQA_DATA.") from None
    except OSError as error:
        raise _no_access(folder, error) from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise CannotStart(f"The data folder {folder} cannot be written by {_me()}. {_OTHER_FOLDER}")


def private(folder: Path) -> Path:
    """Make a folder within the data folder that nobody else can look into."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise _no_access(folder, error) from None
    return folder


def read_or_make(path: Path, text: str) -> str:
    """Return what a private file holds; write `text` into it first if it does not exist."""
    try:
        found = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        found = ""
    except OSError as error:
        raise _no_access(path, error) from None
    if found:
        return found
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        _write_private(draft, text)
        _publish(draft, path)
    except OSError as error:
        raise _no_access(path, error) from None
    return path.read_text(encoding="utf-8").strip()


class Lock:
    """A lock on a file; the system frees it when the last process that holds it is gone.

    A child that inherits `fileno` holds the lock as well, so a lock that can be taken proves that
    every such child is gone. Process numbers prove nothing: they are given out again.
    """

    def __init__(self, path: Path) -> None:
        try:
            self.fileno = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            _give_to_owner(self.fileno, path.parent)
        except OSError as error:
            raise _no_access(path, error) from None
        self.path = path

    def take(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Take the lock; False when another holds it and we do not wait."""
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self.fileno, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def write(self, text: str) -> None:
        """Leave a word for people and for those who find the lock taken."""
        os.ftruncate(self.fileno, 0)
        os.pwrite(self.fileno, text.encode(), 0)

    def read(self) -> str:
        """What the holder wrote."""
        return os.pread(self.fileno, 1024, 0).decode(errors="replace").strip()

    def close(self) -> None:
        """Let go of the lock, unless a child inherited it."""
        if self.fileno >= 0:
            os.close(self.fileno)
            self.fileno = -1


_OTHER_FOLDER = "Start as the folder's owner, or name another folder by --data or TESTOQA_DATA."


def open_private(path: str, flags: int) -> int:
    """An opener for `open`, of files that nobody else may read."""
    return os.open(path, flags, 0o600)


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
        _give_to_owner(file.fileno(), path.parent)


def _give_to_owner(fileno: int, folder: Path) -> None:
    """What root makes in somebody's folder is theirs, so that they can go on without root."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(fileno, owner.st_uid, owner.st_gid)


def _publish(draft: Path, path: Path) -> None:
    """Give the draft its name, unless another process was first with a whole file."""
    if path.exists() and not path.read_text(encoding="utf-8").strip():
        path.unlink()  # left empty by a crash
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    draft.unlink()


def _no_access(path: Path, error: OSError) -> CannotStart:
    return CannotStart(f"{_me()} cannot use {path} ({error.strerror}). {_OTHER_FOLDER}")


def _me() -> str:
    return "root" if os.geteuid() == 0 else f"user {os.geteuid()}"
