"""The plain way to stream, for any WSGI server: a generator, and a thread of the server, for each.

handoff.py does the same without the thread. Both read the same ring by the same cursors.
"""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from flask import Response, g, request

from blueprints.stream import meters
from blueprints.stream.fanout import STUCK_SECONDS
from blueprints.stream.handoff import prepare
from blueprints.stream.hub import Hub
from blueprints.stream.ring import Cursor
from blueprints.stream.slots import Stream


def streamed(
    hub: Hub, cursor: Cursor, principal: str, first: Sequence[bytes], headers: dict[str, str]
) -> Response:
    """A response that the server writes, chunk by chunk."""
    events = _events(hub, cursor, Stream(principal, g.request_id), first, _socket())
    # As it is: werkzeug's own wrapping of a generator keeps 1.5 KiB more for each dashboard.
    response = Response(events, headers=headers, direct_passthrough=True)
    # Into its `try`: the slot is given back also if the client goes before the first chunk.
    next(events)
    return response


def _events(
    hub: Hub, cursor: Cursor, stream: Stream, first: Sequence[bytes], link: Any
) -> Iterator[bytes]:
    reason = "gone"
    try:
        yield b""
        if link is not None:
            prepare(link, hub.heartbeat_seconds)
            # A reader that takes nothing for this long holds a thread for nothing.
            link.settimeout(STUCK_SECONDS)
        for chunk in first:
            yield _counted(stream, chunk)
        # Not for as long as the stream lasts: it is the whole board.
        del first
        woken = False
        while hub.may_stay(stream.principal):
            # Taken before reading: what comes in between sets it.
            tick = hub.tick
            if chunk := hub.read(cursor):
                yield _counted(stream, chunk)
                woken = False
            elif woken and _departed(link):
                return
            else:
                tick.wait()
                woken = True
        reason = "drained" if hub.draining else "unwelcome"
        yield _counted(stream, hub.last_bytes())
    finally:
        if link is not None:
            _hang_up(link)
        hub.slots.end(stream, reason)


def _counted(stream: Stream, chunk: bytes) -> bytes:
    stream.sent += len(chunk)
    stream.frames += 1
    meters.FRAMES_SENT.inc()
    meters.BYTES_SENT.inc(len(chunk))
    return chunk


def _departed(link: Any) -> bool:
    """Whether the client has hung up, which else only a second write would show."""
    if link is None or _encrypted(link):
        return False
    link.setblocking(False)
    try:
        return not link.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        link.settimeout(STUCK_SECONDS)


def _hang_up(link: Any) -> None:
    """No further request: a connection kept alive would hold up a worker that is to go."""
    link.settimeout(None)
    if not _encrypted(link):
        with suppress(OSError):
            link.shutdown(socket.SHUT_RD)


def _socket() -> Any:
    """The client's socket, where the server shows it."""
    environ = request.environ
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")


def _encrypted(link: Any) -> bool:
    """Whether it is TLS, beside which nothing may be read or shut."""
    return isinstance(link, ssl.SSLSocket)
