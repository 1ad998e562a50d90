import asyncio
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from .admission import NOT_FOUND, Unwelcome, admit
from .hub import current_hub, frame_of, read_hints

QUEUE = 64  # frames that wait for one socket
LARGEST_MESSAGE = 4096  # bytes from a client, which has nothing to say
FAREWELL = 5  # seconds for a client to take the closing frame
TOO_BIG = 1009

RESYNC = {"type": "websocket.send", "text": '{"resync": true}'}


class RunSocket(AsyncWebsocketConsumer):
    """/ws/projects/WEB/runs/45/?since=SEQ

    Sends {"seq", "counts", "status"} at once and after each change, at most five a second;
    {"heartbeat": true} every 15 s; {"resync": true} when frames were lost or `since` does not fit,
    after which the page reads everything again. Closes with 4401 (not signed in), 4404 (no such run
    for you), 4403 (no longer a member) or 1013 (too slow).
    """

    admission = None
    seq = -1
    sending_since = None

    async def connect(self):
        await self.accept()
        try:
            self.admission = await ask_admission(self.scope, **self.scope["url_route"]["kwargs"])
        except Unwelcome as refusal:
            await self.close(refusal.code, str(refusal))
            return
        self.messages = asyncio.Queue(QUEUE)
        self.hub = current_hub()
        # Joined before the run is read: a change between the two is then heard rather than missed.
        self.hub.join(self)
        self.pump = asyncio.create_task(self._pump())
        for hint in await read_hints([self.admission.run]):
            self.offer(hint.seq, frame_of(hint))
        if not self._since_fits():
            self.offer(None, RESYNC)

    def _since_fits(self):
        since = parse_qs(self.scope["query_string"].decode("latin1")).get("since", ["0"])[-1]
        return since.isascii() and since.isdigit() and len(since) < 20 and int(since) <= self.seq

    def offer(self, seq, message):
        """Have the message sent, unless its number is no news; an overflow costs a resync."""
        if seq is not None:
            if seq <= self.seq:
                return
            self.seq = seq
        if self.messages.full():
            while not self.messages.empty():
                self.messages.get_nowait()
            self.messages.put_nowait(RESYNC)
        self.messages.put_nowait(message)

    async def _pump(self):
        clock = asyncio.get_running_loop().time
        try:
            while True:
                message = await self.messages.get()
                self.sending_since = clock()
                await self.base_send(message)
                self.sending_since = None
        except OSError:
            self.hub.leave(self)  # the client is gone; its disconnect follows

    def expel(self, code):
        """Close the socket from the hub's side."""
        self.hub.leave(self)
        self.pump.cancel()
        self.farewell = asyncio.create_task(self._close(code))

    async def _close(self, code):
        try:
            async with asyncio.timeout(FAREWELL):
                await self.close(code)
        except (TimeoutError, OSError):
            pass  # it reads nothing, or is gone; the server's own pings end it

    async def receive(self, text_data=None, bytes_data=None):
        if len(text_data or bytes_data or "") > LARGEST_MESSAGE:
            await self.close(TOO_BIG)

    async def disconnect(self, code):
        if self.admission is not None:
            self.hub.leave(self)
            self.pump.cancel()


class NoSuchSocket(AsyncWebsocketConsumer):
    """Any other address."""

    async def connect(self):
        await self.accept()
        await self.close(NOT_FOUND, "There is no socket at this address.")


# Several at once: after a restart everybody comes back at the same time.
ask_admission = database_sync_to_async(admit, thread_sensitive=False)
