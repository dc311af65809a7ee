"""A hub in this process, fed by hand: what its threads would do, a test does in its own order."""

import json
from typing import Any

from flask import Flask

from blueprints.stream import board
from blueprints.stream.hub import Hub
from blueprints.stream.ring import Cursor
from tests.sse import Event


def events(wire: bytes) -> list[Event]:
    """The events in what a hub sends; every frame is whole, and ours end lines in LF."""
    found = []
    for frame in wire.split(b"\n\n"):
        fields = dict(line.split(": ", 1) for line in frame.decode().split("\n") if line)
        if "data" in fields:
            data = json.loads(fields["data"])
            found.append(Event(fields["event"], fields.get("id"), data))
    return found


class Dashboard:
    """A cursor at a hub, and what it was sent."""

    def __init__(self, hub: Hub, last: str | None = None, **options: Any) -> None:
        self.hub = hub
        self.cursor: Cursor = hub.open(
            last, options.get("audience", "full"), options.get("channels")
        )
        self.beginning = events(b"".join(hub.first_bytes(self.cursor, last)))

    def read(self) -> list[Event]:
        """What is new."""
        found: list[Event] = []
        while wire := self.hub.read(self.cursor):
            found += events(wire)
        return found


class Desk:
    """A hub that follows the app's Redis when it is told to."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.hub = Hub(app, set)
        self._subscription = board.subscriber().pubsub()
        self._subscription.subscribe(board.REBUILT)
        self._subscription.psubscribe("metrics:*")
        for _ in range(2):
            self._subscription.get_message(timeout=5)
        self.hub.follower.catch_up("connected")
        self.hub.report("redis", None)
        self.hub.flush()

    def deliver(self, *, lose: int = 0) -> int:
        """Take in what Redis has sent, but for the first `lose` messages; how many there were."""
        count = 0
        while (message := self._subscription.get_message(timeout=0.1)) is not None:
            count += 1
            if count > lose:
                self.hub.follower.take(message)
        self.hub.flush()
        return count

    def dashboard(self, last: str | None = None, **options: Any) -> Dashboard:
        """Somebody looks."""
        return Dashboard(self.hub, last, **options)

    def close(self) -> None:
        """Hang up."""
        self._subscription.close()
