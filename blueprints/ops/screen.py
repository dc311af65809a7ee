"""When an order is on a dashboard's screen: a reader of the stream that notes what it sees."""

import http.client
import json
import socket
import time
from contextlib import closing, suppress
from threading import Event, Thread

from blueprints.ops.http_client import Target

SILENCE_SECONDS = 60  # longer than any heartbeat is away
LAST_FRAMES_SECONDS = 0.5


class Screen:
    """Opened when made; where no stream can be had it sees nothing."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._link = target.connect(SILENCE_SECONDS)
        self._seen: dict[str, float] = {}
        self._socket: socket.socket | None = None
        self._ready = Event()
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()
        self._ready.wait(2)

    def close(self) -> dict[str, float]:
        """End it, after the frames still under way; the moment each order was seen, by id."""
        self._thread.join(LAST_FRAMES_SECONDS)
        if self._socket:
            with suppress(OSError):  # it may be gone already
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(1)
        return self._seen

    def _read(self) -> None:
        headers = self._target.headers | {"Accept": "text/event-stream"}
        with suppress(OSError, http.client.HTTPException, ValueError), closing(self._link) as link:
            link.request("GET", "/api/stream/metrics?channels=orders", headers=headers)
            # Kept, because a connection forgets its socket when the answer will be its last.
            self._socket = link.sock
            with closing(link.getresponse()) as answer:
                self._ready.set()
                if answer.status == 200:
                    self._follow(answer)

    def _follow(self, answer: http.client.HTTPResponse) -> None:
        event = ""
        while line := answer.readline():
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            if name == "event":
                event = value
            elif name == "data" and event == "orders":
                now = time.monotonic()
                for order in json.loads(value)["orders"]:
                    self._seen.setdefault(order["id"], now)
