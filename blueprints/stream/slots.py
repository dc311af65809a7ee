"""How many dashboards may be open on this worker, in all and for each owner."""

import resource
import time
from collections import Counter
from threading import Lock

import structlog

from blueprints.stream import meters

log = structlog.get_logger(__name__)

# Descriptors kept for orders, Postgres, Redis, logs.
RESERVED_FILES = 512
MOST_FILES = 65_536


class Stream:
    """A stream under way: whose it is, and what its line in the log will say of it."""

    __slots__ = ("frames", "opened_at", "principal", "request_id", "sent")

    def __init__(self, principal: str, request_id: str) -> None:
        self.principal = principal
        self.request_id = request_id
        self.opened_at = time.monotonic()
        self.frames = 0
        self.sent = 0


class Slots:
    """Counts open streams. At the cap new ones are refused; none is thrown out."""

    def __init__(self, most: int, most_each: int) -> None:
        self.most = max(1, min(most, _open_files() - RESERVED_FILES))
        self.most_plain = self.most
        self._most_each = most_each
        self._held: Counter[str] = Counter()
        self._held_by_owner: Counter[str] = Counter()
        self._owners: dict[str, str] = {}
        self._total = 0
        self._lock = Lock()

    def share_connections(self, connections: int) -> None:
        """Streams that are not handed off hold connections of the server: a quarter is for orders.

        connections: how many requests the server works on at a time.
        """
        self.most_plain = min(self.most, max(1, connections * 3 // 4))

    def acquire(self, principal: str, owner: str, *, plain: bool = False) -> bool:
        """Take a slot; False if there is none left.

        principal: whose right to look the stream has, such as one sign-in; owner: the person,
        token or display behind it, who may have only so many.
        """
        with self._lock:
            most = self.most_plain if plain else self.most
            if self._total >= most or self._held_by_owner[owner] >= self._most_each:
                meters.STREAMS_REFUSED.inc()
                return False
            self._total += 1
            self._held[principal] += 1
            self._held_by_owner[owner] += 1
            self._owners[principal] = owner
            meters.STREAMS_OPEN.set(self._total)
            return True

    def release(self, principal: str) -> None:
        """Give a slot back."""
        with self._lock:
            self._total -= 1
            self._held[principal] -= 1
            owner = self._owners[principal]
            self._held_by_owner[owner] -= 1
            if not self._held[principal]:
                del self._held[principal], self._owners[principal]
            if not self._held_by_owner[owner]:
                del self._held_by_owner[owner]
            meters.STREAMS_OPEN.set(self._total)

    def end(self, stream: Stream, reason: str) -> None:
        """Give a slot back, and leave a line for the stream that held it."""
        self.release(stream.principal)
        meters.STREAMS_CLOSED.labels(reason).inc()
        log.info(
            "stream ended",
            request_id=stream.request_id,
            reason=reason,
            principal=stream.principal,
            seconds=round(time.monotonic() - stream.opened_at, 1),
            frames=stream.frames,
            bytes=stream.sent,
        )

    @property
    def open(self) -> int:
        """Streams open now."""
        return self._total

    def principals(self) -> set[str]:
        """Whose streams are open."""
        with self._lock:
            return set(self._held)


def _open_files() -> int:
    """Raise the soft limit of open files towards the hard one; the limit in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST_FILES
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):
        return soft
    return wanted
