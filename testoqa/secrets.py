"""The key that signs sessions and links of this installation."""

import secrets
from pathlib import Path

from testoqa import data_folder


def secret_key(folder: Path) -> str:
    """Return the key kept in the data folder; the first caller makes folder and key."""
    data_folder.prepare(folder)
    return data_folder.read_or_make(folder / "secret_key", secrets.token_urlsafe(50))
