"""Who else may read what a folder holds."""

import os
import stat
from pathlib import Path


def readable_by_others(folder: Path) -> list[str]:
    """What lies open to another account that may enter the folder itself."""
    found = []
    for entry in os.scandir(folder):
        mode = stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode)
        if mode & 0o077 and not entry.is_symlink():
            found.append(f"{mode:o} {entry.path}")
            if entry.is_dir() and mode & 0o011:
                found += readable_by_others(Path(entry.path))
    return found
