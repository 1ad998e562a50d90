"""One hub for each process: hears the hints of the database and hands them to its sockets."""

import asyncio
import logging
from collections import defaultdict
from weakref import WeakKeyDictionary

import psycopg
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error

from . import live
from .admission import NO_LONGER, NOT_FOUND, still_admitted
from .models import COUNTED, Run

TRY_LATER = 1013
PATIENCE = 10  # seconds that one frame may wait for a slow client

FIELDS = ["seq", "status", "total", *COUNTED, "flaky"]
HEARTBEAT = {"type": "websocket.send", "text": '{"heartbeat": true}'}

logger = logging.getLogger(__name__)
hubs = WeakKeyDictionary()


def current_hub():
    """The hub of the running event loop, made by the first who asks."""
    loop = asyncio.get_running_loop()
    if loop not in hubs:
        hubs[loop] = Hub()
    return hubs[loop]


async def stop():
    """End the hub of this event loop, if it has one."""
    hub = hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.stop()


class Hub:
    """Sockets by run. A socket has `admission`, `seq`, `sending_since`, `offer` and `expel`."""

    def __init__(self):
        self.sockets = defaultdict(set)
        self.pace = live.Pace()
        self.timer = None
        self.tasks = []

    def join(self, socket):
        self.sockets[socket.admission.run].add(socket)
        if not self.tasks:
            work = [self._listen(), self._beat(), self._check()]
            self.tasks = [asyncio.create_task(task) for task in work]
            for task in self.tasks:
                task.add_done_callback(self._ended)

    def leave(self, socket):
        run = socket.admission.run
        self.sockets[run].discard(socket)
        if not self.sockets[run]:
            del self.sockets[run]

    async def stop(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.timer:
            self.timer.cancel()

    def _ended(self, task):
        """After a mistake of ours nobody waits in silence: who connects again begins afresh."""
        if not task.cancelled() and task.exception():
            logger.error("The hub stumbled.", exc_info=task.exception())
            for other in self.tasks:
                other.cancel()
            self.tasks = []
            for socket in self._everybody():
                socket.expel(TRY_LATER)

    def receive(self, hint):
        """Pass a hint on, now or at its turn, if anybody here watches its run."""
        if hint.run in self.sockets:
            self.pace.offer(hint, asyncio.get_running_loop().time())
            self._release()

    def _release(self):
        loop = asyncio.get_running_loop()
        for hint in self.pace.take(loop.time()):
            message = frame_of(hint)
            for socket in tuple(self.sockets.get(hint.run, ())):
                socket.offer(hint.seq, message)
        if self.timer:
            self.timer.cancel()
        turn = self.pace.next_turn()
        self.timer = None if turn is None else loop.call_at(turn, self._release)

    def _everybody(self):
        return [socket for sockets in self.sockets.values() for socket in sockets]

    async def _listen(self):
        pause = 0
        while True:
            try:
                options = live.connection_options("hub")
                async with await psycopg.AsyncConnection.connect(**options) as connection:
                    await connection.execute(f"LISTEN {live.CHANNEL}")
                    pause = 0
                    await self._catch_up()
                    await self._hear(connection)
            except (psycopg.Error, Error) as error:
                pause = min(live.LONGEST_PAUSE, pause * 2 or 0.25)
                logger.warning("The hub listens again in %g s: %s", pause, error)
            await asyncio.sleep(pause)

    async def _hear(self, connection):
        async for notification in connection.notifies():
            try:
                self.receive(live.read_hint(notification.payload))
            except ValueError:
                logger.warning("Not a hint: %.100s", notification.payload)

    async def _catch_up(self):
        """Heal what was missed: read all watched runs again, and tell of those that moved."""
        watched = list(self.sockets)
        hints = {hint.run: hint for hint in await read_hints(watched)} if watched else {}
        for run in watched:
            sockets = tuple(self.sockets.get(run, ()))
            if run not in hints:
                for socket in sockets:
                    socket.expel(NOT_FOUND)
            elif any(socket.seq < hints[run].seq for socket in sockets):
                self.receive(hints[run])

    async def _beat(self):
        while True:
            await asyncio.sleep(settings.LIVE_HEARTBEAT)
            for socket in self._everybody():
                socket.offer(None, HEARTBEAT)

    async def _check(self):
        while True:
            await asyncio.sleep(settings.LIVE_CHECK)
            self._drop_slow()
            try:
                await self._drop_unwelcome()
                await self._catch_up()
            except Error as error:
                logger.warning("Memberships of sockets could not be asked: %s", error)

    def _drop_slow(self):
        now = asyncio.get_running_loop().time()
        for socket in self._everybody():
            if socket.sending_since is not None and now - socket.sending_since > PATIENCE:
                socket.expel(TRY_LATER)

    async def _drop_unwelcome(self):
        sockets = self._everybody()
        if sockets:
            welcome = await ask({socket.admission for socket in sockets})
            for socket in sockets:
                if socket.admission not in welcome:
                    socket.expel(NO_LONGER)


def frame_of(hint):
    return {"type": "websocket.send", "text": hint.frame()}


def hints_of(ids):
    """The hints that the runs of these ids would send now; none for a run that is gone."""
    return [live.hint_of(run) for run in Run.objects.filter(pk__in=ids).only(*FIELDS)]


ask = database_sync_to_async(still_admitted, thread_sensitive=False)
read_hints = database_sync_to_async(hints_of, thread_sensitive=False)
