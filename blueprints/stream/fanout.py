"""The fast path: sockets handed off by gunicorn, all written by the ticker's one thread.

What stays of a dashboard is a descriptor, a cursor and a watcher that notices it leaving: no
greenlet, no request, no chunks. Only under gunicorn's gevent worker; see handoff.py.
"""

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import gevent

from blueprints.stream import meters
from blueprints.stream.ring import Cursor, Fallen
from blueprints.stream.slots import Stream

if TYPE_CHECKING:
    from blueprints.stream.hub import Hub

READABLE, WRITABLE = 1, 2
# Orders are answered between two batches of writes.
BATCH = 200
STUCK_SECONDS = 30.0


class Client(Stream):
    """One dashboard: as little as can be kept of it."""

    __slots__ = ("cursor", "fd", "leaving", "offset", "stuck_since", "unsent", "writable")

    def __init__(self, fd: int, cursor: Cursor, principal: str, request_id: str) -> None:
        super().__init__(sys.intern(principal), request_id)
        self.fd = fd
        self.cursor = cursor
        # What the socket did not take: the bytes it shares with others, and an offset into them.
        self.unsent: bytes | None = None
        self.offset = 0
        self.stuck_since = 0.0
        self.leaving: Any = None
        self.writable: Any = None


class Fanout:
    """All handed-off streams of a worker."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._clients: dict[int, Client] = {}
        # One bound method for all watchers, not one for each dashboard.
        self._on_readable = self._readable

    def add(self, fd: int, cursor: Cursor, principal: str, request_id: str, first: bytes) -> None:
        """Take over a connected socket, and send it its beginning. It does not block."""
        client = Client(fd, cursor, principal, request_id)
        self._clients[fd] = client
        client.leaving = gevent.get_hub().loop.io(fd, READABLE)
        client.leaving.start(self._on_readable, client)
        self._write(client, first)
        meters.FRAMES_SENT.inc()
        meters.BYTES_SENT.inc(client.sent)
        if self._hub.may_stay(principal):
            self._catch_up(client)
        else:
            # The end of all streams, or of this one, came while the request was under way.
            self._end(client, "drained" if self._hub.draining else "unwelcome")

    def write(self) -> None:
        """Send every dashboard what is new; one that is stuck is passed over."""
        ring = self._hub.ring
        frames = size = 0
        for number, client in enumerate(list(self._clients.values()), start=1):
            before = client.sent
            while client.unsent is None and client.fd >= 0:
                try:
                    data = ring.read(client.cursor)
                except Fallen:
                    data = self._hub.read(client.cursor)
                if data:
                    frames += 1
                    self._write(client, data)
                # One far behind reads in pieces: more of them until it is up to date.
                if client.cursor.position >= ring.visible:
                    break
            size += client.sent - before
            if number % BATCH == 0:
                gevent.sleep(0)
        meters.FRAMES_SENT.inc(frames)
        meters.BYTES_SENT.inc(size)

    def close_all(self) -> None:
        """End every stream: each browser is told to come back at a moment of its own."""
        for client in list(self._clients.values()):
            self._end(client, "drained")

    def close_of(self, principal: str) -> None:
        """End the streams of one principal."""
        for client in list(self._clients.values()):
            if client.principal == principal:
                self._end(client, "unwelcome")

    def close_stuck(self) -> None:
        """End streams whose reader has taken nothing for too long."""
        limit = time.monotonic() - STUCK_SECONDS
        for client in list(self._clients.values()):
            if client.unsent is not None and client.stuck_since < limit:
                self._close(client, "stuck")

    def _end(self, client: Client, reason: str) -> None:
        if client.unsent is None:
            self._write(client, self._hub.last_bytes())
        self._close(client, reason)

    def _write(self, client: Client, data: bytes) -> None:
        try:
            sent = os.write(client.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(client, "gone")
            return
        client.frames += 1
        client.sent += sent
        if sent < len(data):
            client.unsent, client.offset, client.stuck_since = data, sent, time.monotonic()
            client.writable = gevent.get_hub().loop.io(client.fd, WRITABLE)
            client.writable.start(self._finish, client)

    def _finish(self, client: Client) -> None:
        """The socket takes more: send the rest, then what has come meanwhile."""
        unsent = client.unsent
        if unsent is None:
            return
        try:
            sent = os.write(client.fd, memoryview(unsent)[client.offset :])
        except BlockingIOError:
            return
        except OSError:
            self._close(client, "gone")
            return
        client.sent += sent
        client.offset += sent
        client.stuck_since = time.monotonic()
        if client.offset < len(unsent):
            return
        client.writable.stop()
        client.writable.close()
        client.writable = client.unsent = None
        self._catch_up(client)

    def _catch_up(self, client: Client) -> None:
        while client.unsent is None and client.fd >= 0:
            data = self._hub.read(client.cursor)
            if not data:
                break
            self._write(client, data)

    def _readable(self, client: Client) -> None:
        """A dashboard has nothing more to say: what can be read is its end, or noise."""
        try:
            gone = not os.read(client.fd, 4096)
        except BlockingIOError:
            return
        except OSError:
            gone = True
        if gone:
            self._close(client, "gone")

    def _close(self, client: Client, reason: str) -> None:
        if self._clients.pop(client.fd, None) is None:
            return
        for watcher in (client.leaving, client.writable):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        os.close(client.fd)
        client.fd = -1
        self._hub.slots.end(client, reason)
