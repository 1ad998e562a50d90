"""A stored file goes again when the transaction that was to keep it rolls back."""

import logging
import weakref

from django.core.files.storage import default_storage
from django.db import connection, transaction

logger = logging.getLogger(__name__)


def discard_unless_committed(path):
    """Django tells of a commit, and of a roll-back only by dropping what waits for the commit."""
    transaction.on_commit(_Stored(path).keep)


class _Stored:
    """Lives until the transaction's end: kept by a commit, let go by a roll-back."""

    def __init__(self, path):
        self._discard = weakref.finalize(self, _discard, path)
        # A process that ends within its transaction leaves the file to the daily sweep.
        self._discard.atexit = False

    def keep(self):
        self._discard.detach()


def _discard(path):
    """Only within a roll-back that worked: before a lost connection the commit may have arrived."""
    lost = connection.connection is None or connection.connection.closed
    if lost or connection.autocommit:
        return
    try:
        default_storage.delete(path)
    except Exception:
        # There is nobody to raise to; the daily sweep tries again.
        logger.exception("The file %s of a rolled-back transaction could not be removed.", path)
