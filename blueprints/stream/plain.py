"""The plain way to stream, for any WSGI server: a generator, and a thread of the server, for each.

handoff.py does the same without the thread. Both read the same ring by the same cursors.
"""

import select
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flask import Response, g, request

from blueprints.stream import meters
from blueprints.stream.fanout import STUCK_SECONDS
from blueprints.stream.handoff import prepare
from blueprints.stream.hub import Hub
from blueprints.stream.ring import Cursor
from blueprints.stream.slots import Stream

# How soon a dashboard that has left is noticed while there is nothing to send.
DEPARTURE_SECONDS = 1.0


class Plain(Response):
    """A stream that the server writes, chunk by chunk."""

    def __init__(
        self, hub: Hub, cursor: Cursor, principal: str, first: bytes, headers: dict[str, str]
    ) -> None:
        super().__init__(self._events(first), headers=headers)
        self._hub = hub
        self._cursor = cursor
        self._stream = Stream(principal, g.request_id)
        self._reason = "gone"
        self._link = _socket()
        # Also when the client has gone before the generator's first step.
        self.call_on_close(self._end)

    def _events(self, first: bytes) -> Iterator[bytes]:
        if self._link is not None:
            prepare(self._link, self._hub.heartbeat_seconds)
            # A reader that takes nothing for this long holds a thread for nothing.
            self._link.settimeout(STUCK_SECONDS)
        yield self._counted(first)
        while self._hub.may_stay(self._stream.principal):
            # Taken before reading: what comes in between sets it.
            tick = self._hub.tick
            if chunk := self._hub.read(self._cursor):
                yield self._counted(chunk)
            elif not tick.wait(DEPARTURE_SECONDS) and self._departed():
                return
        self._reason = "drained" if self._hub.draining else "unwelcome"
        yield self._counted(self._hub.last_bytes())

    def _counted(self, chunk: bytes) -> bytes:
        self._stream.sent += len(chunk)
        self._stream.frames += 1
        meters.FRAMES_SENT.inc()
        meters.BYTES_SENT.inc(len(chunk))
        return chunk

    def _departed(self) -> bool:
        """Whether the client has hung up, which else only a second write would show."""
        if self._link is None:
            return False
        waiting = select.poll()
        waiting.register(self._link, select.POLLIN)
        try:
            return bool(waiting.poll(0)) and not self._link.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _end(self) -> None:
        if self._link is not None:
            self._link.settimeout(None)
            # No further request: a connection kept alive would hold up a worker that is to go.
            with suppress(OSError):
                self._link.shutdown(socket.SHUT_RD)
        self._hub.slots.end(self._stream, self._reason)


def _socket() -> Any:
    """The client's socket, where the server shows it and it can be looked into."""
    environ = request.environ
    found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return None if isinstance(found, ssl.SSLSocket) else found
