"""When to send: the first event after quiet at once, then what has gathered, a tick apart."""

import time
from collections.abc import Callable
from threading import Event

from blueprints.stream import meters

TICK_SECONDS = 0.020
MAX_TICK_SECONDS = 0.250
# A round of writes may take a fifth of the time, so orders are answered beside it.
COST_FACTOR = 5


class Ticker:
    """Calls `flush` when poked, never more often than every tick; ticks stretch with its cost."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._poked = Event()
        self._oldest: float | None = None
        self._stopped = False

    def poke(self, published_at: float | None = None) -> None:
        """There is something to send; `published_at` in Unix seconds."""
        if self._oldest is None:
            self._oldest = published_at
        self._poked.set()

    def run(self) -> None:
        """Flush for ever."""
        while not self._stopped:
            self._poked.wait()
            self._poked.clear()
            oldest, self._oldest = self._oldest, None
            started = time.monotonic()
            self._flush()
            cost = time.monotonic() - started
            meters.FANOUT.observe(cost)
            if oldest is not None:
                meters.LAG.observe(max(0.0, time.time() - oldest))
            time.sleep(
                max(TICK_SECONDS, min(cost * COST_FACTOR, MAX_TICK_SECONDS))
                - min(cost, TICK_SECONDS)
            )
