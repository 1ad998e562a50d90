"""How far a job has read: told on a connection of its own, since the reading is one transaction."""

import logging
import threading

import psycopg

from apps.runs.live import connection_options

logger = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two notes of progress."""


class Progress:
    """Notes `bytes_read` of an Import twice a second while its results are read."""

    def __init__(self, import_):
        self.import_ = import_
        self._reading = None
        self._ended = threading.Event()

    def follow(self, results, reading):
        """Pass the results on; a thread notes how far the reading is meanwhile."""
        self._reading = reading
        self._ended.clear()
        thread = threading.Thread(target=self._note, name="import-progress", daemon=True)
        thread.start()
        try:
            yield from results
        finally:
            self._ended.set()
            thread.join()

    def _note(self):
        try:
            with psycopg.connect(**connection_options("progress")) as own:
                while not self._ended.wait(EVERY):
                    own.execute(
                        "UPDATE executions_import SET bytes_read = least(%s, bytes_total) "
                        "WHERE id = %s AND state = 'reading'",
                        [self._reading.bytes_read, self.import_.pk],
                    )
        except psycopg.Error as error:
            # The reading goes on, and says itself whether the database is away.
            logger.warning("The progress of an import is not told: %s", error)
