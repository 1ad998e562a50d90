"""Who is told that a run changed: a hint by NOTIFY, at most five a second for each run.

A hint carries no row: only the run's sequence number, its counters and its status. One that is lost
is harmless, since the next carries a higher number.
"""

import atexit
import json
import logging
import os
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass

import psycopg
from django.db import connections

CHANNEL = "testoqa_runs"
INTERVAL = 0.2  # seconds between two hints of one run, on the average: five a second
GRACE = 0.1
WINDOW, MOST_IN_A_WINDOW = 1, 5
LONGEST_PAUSE = 10  # seconds between two tries to reach the database
LAST_WORDS = 2  # seconds for the hints that still wait when the process ends

logger = logging.getLogger(__name__)


def run_changed(run):
    """Tell everybody who watches the run, whatever process they are connected to.

    Called after commit with the run as it was saved. It asks no query and waits for nothing.
    """
    flusher.offer(hint_of(run))


@dataclass(frozen=True)
class Hint:
    """That a run has reached a sequence number, and its counters and status at that number."""

    run: str
    seq: int
    counts: dict[str, int]
    status: str

    def frame(self):
        """What a socket is sent."""
        return json.dumps({"seq": self.seq, "counts": self.counts, "status": self.status})


def hint_of(run):
    return Hint(str(run.pk), run.seq, run.counts, str(run.status))


def write_hint(hint):
    return json.dumps(asdict(hint), separators=(",", ":"))


def read_hint(payload):
    """Raises ValueError for what is not a hint: any role of the database may notify."""
    try:
        hint = Hint(**json.loads(payload))
        return Hint(str(hint.run), int(hint.seq), dict(hint.counts), str(hint.status))
    except TypeError as error:
        raise ValueError(str(error)) from None


def connection_options(purpose):
    """How to reach the database with a connection of our own, outside Django's pool."""
    options = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context"):
        options.pop(name)
    patience = {
        "connect_timeout": 5,
        "keepalives_idle": 20,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    return {**patience, **options, "autocommit": True, "application_name": f"testoqa {purpose}"}


class Pace:
    """Lets the newest hint of each run through, never more than five within a second.

    A hint may be early by the grace, as long as that holds; else one that comes late would hold up
    all that follow on time.
    """

    def __init__(self):
        self.waiting = {}  # run: (the newest hint, when the first of them came)
        self.due = {}  # run: when its next hint is due
        self.taken = {}  # run: when its last five hints were taken, the oldest first

    def offer(self, hint, now):
        known, came = self.waiting.get(hint.run, (hint, now))
        self.waiting[hint.run] = (hint if hint.seq >= known.seq else known, came)

    def take(self, now):
        """The hints whose turn has come."""
        hints = [hint for run, (hint, _) in self.waiting.items() if self.turn(run) <= now]
        for hint in hints:
            _, came = self.waiting.pop(hint.run)
            self.due[hint.run] = max(came, self.due.get(hint.run, 0)) + INTERVAL
            self.taken.setdefault(hint.run, deque(maxlen=MOST_IN_A_WINDOW)).append(now)
        for run in [run for run, taken in self.taken.items() if taken[-1] + WINDOW <= now]:
            if run not in self.waiting:
                del self.due[run], self.taken[run]
        return hints

    def turn(self, run):
        """The earliest time for the run's next hint."""
        taken = self.taken.get(run, ())
        window_ends = taken[0] + WINDOW if len(taken) == MOST_IN_A_WINDOW else 0
        return max(self.due.get(run, 0) - GRACE, window_ends)

    def next_turn(self):
        """When `take` will have something, or None when nothing waits."""
        return min(map(self.turn, self.waiting), default=None)


class Flusher:
    """Sends the hints of this process from a thread and a connection of its own."""

    def __init__(self):
        self.changed = threading.Condition()
        self.pace = Pace()
        self.thread = None
        self.stopping = False

    def offer(self, hint):
        with self.changed:
            self.pace.offer(hint, time.monotonic())
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._work, name="hints", daemon=True)
                self.thread.start()
            self.changed.notify()

    def stop(self, patience=LAST_WORDS):
        """Send what waits and close the connection, in so many seconds at most.

        The next hint starts afresh.
        """
        with self.changed:
            thread, self.stopping = self.thread, True
            self.changed.notify()
        if thread is not None:
            thread.join(patience)
        with self.changed:
            self.thread, self.stopping = None, False

    def _work(self):
        connection, pause = None, 0
        while hints := self._next():
            try:
                connection = connection or psycopg.connect(**connection_options("hints"))
                connection.execute(
                    "SELECT pg_notify(%s, hint) FROM unnest(%s::text[]) hint",
                    [CHANNEL, [write_hint(hint) for hint in hints]],
                )
                pause = 0
            except psycopg.Error as error:
                connection = close(connection)
                pause = min(LONGEST_PAUSE, pause * 2 or 0.25)
                logger.warning("Hints of runs wait %g s for the database: %s", pause, error)
                self._put_back(hints, pause)
        close(connection)

    def _next(self):
        """Wait for hints whose turn has come; none means that the thread shall end."""
        with self.changed:
            while not self.stopping:
                now = time.monotonic()
                if hints := self.pace.take(now):
                    return hints
                turn = self.pace.next_turn()
                self.changed.wait(None if turn is None else max(0, turn - now))
            last, self.pace = self.pace, Pace()
            return last.take(float("inf"))

    def _put_back(self, hints, pause):
        """Try these again after a pause, unless newer ones came meanwhile or we are to end."""
        with self.changed:
            if self.stopping:
                return
            self.changed.wait_for(lambda: self.stopping, pause)
            for hint in hints:
                self.pace.offer(hint, time.monotonic())


def close(connection):
    if connection is not None:
        connection.close()


def start_afresh():
    """A forked child has its parent's memory, but neither its thread nor its connection."""
    global flusher
    flusher = Flusher()


flusher = Flusher()
os.register_at_fork(after_in_child=start_afresh)
atexit.register(lambda: flusher.stop())
