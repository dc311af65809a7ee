"""Hand a stream's socket from gunicorn to the fan-out, and let the request end.

The WSGI way costs a greenlet, a request and a chunk per frame for each dashboard. Here the
response writes its own head to `gunicorn.socket`, detaches the descriptor, and raises
StopIteration, which gunicorn takes as "already handled". Cookies and headers of `after_request`
are sent as ever, and Flask's teardown has run: the database session is back.
"""

import socket
import ssl
from collections.abc import Sequence
from typing import Any, NoReturn

from flask import Response, g, request
from werkzeug.http import http_date

from blueprints.stream.hub import Hub
from blueprints.stream.ring import Cursor

# A reader that stops reading costs the kernel this much, and us an offset.
SEND_BUFFER_BYTES = 128 * 1024
# A reader that only pauses must live through that, however often heartbeats are sent.
UNANSWERED_SECONDS = 10.0


class HandedOff(Response):
    """A stream that the fan-out writes, as soon as gunicorn would have begun to."""

    def __init__(
        self,
        hub: Hub,
        cursor: Cursor,
        principal: str,
        first: Sequence[bytes],
        headers: dict[str, str],
    ) -> None:
        super().__init__(headers=headers)
        self._hub = hub
        self._cursor = cursor
        self._principal = principal
        self._request_id: str = g.request_id
        self._first = first

    def __call__(self, environ: Any, start_response: Any) -> NoReturn:
        connection = environ["gunicorn.socket"]
        try:
            prepare(connection, self._hub.heartbeat_seconds)
            first = _head(self) + b"".join(self._first)
            descriptor = connection.detach()
        except BaseException:
            self._hub.slots.release(self._principal)
            raise
        self._hub.fanout.add(descriptor, self._cursor, self._principal, self._request_id, first)
        raise StopIteration


def possible() -> bool:
    """Whether the request came over a plain HTTP/1 socket of gunicorn's gevent worker."""
    connection = request.environ.get("gunicorn.socket")
    return (
        type(connection).__module__.startswith("gevent.")
        and not isinstance(connection, ssl.SSLSocket)
        and request.environ.get("SERVER_PROTOCOL", "").startswith("HTTP/1.")
    )


def _head(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status}", f"Date: {http_date()}", "Connection: close"]
    lines += [
        f"{name}: {value}"
        for name, value in response.headers.to_wsgi_list()
        if name.lower() not in {"content-length", "connection", "date"}
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def prepare(connection: socket.socket, heartbeat_seconds: float) -> None:
    """Bound what a stream's reader costs the kernel, and for how long one that vanished does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Who vanished without a FIN is gone when a heartbeat stays unanswered for this long.
            # The kernel (Linux) lets go of one that lives but takes nothing just as soon.
            timeout = int(max(heartbeat_seconds, UNANSWERED_SECONDS) * 1000)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout)
