"""When to send: the first event after quiet at once, then what has gathered, a tick apart."""

import time
from collections.abc import Callable
from threading import Event

from blueprints.stream import meters

# A little shorter than board.MERGE_MS, so that what the board has merged does not wait here again.
TICK_SECONDS = 0.035
MAX_TICK_SECONDS = 0.250
# Rounds of writes may take a third of a core, so orders are answered beside them.
COST_FACTOR = 3


class Ticker:
    """Calls `flush` when poked, as often as a tick allows; ticks stretch with its cost."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._poked = Event()
        self._oldest: float | None = None

    def poke(self, published_at: float | None = None) -> None:
        """There is something to send; `published_at` in Unix seconds."""
        if self._oldest is None:
            self._oldest = published_at
        self._poked.set()

    def run(self) -> None:
        """Flush for ever: a tick apart on average, of which one round may come early.

        Without that a single event between two of the board's merged ones would put its ticks out
        of step with the board's, and all that follow would wait for the next tick.
        """
        due = 0.0
        while True:
            self._poked.wait()
            self._poked.clear()
            oldest, self._oldest = self._oldest, None
            started, used = time.monotonic(), time.thread_time()
            self._flush()
            earliest = max(due, started)
            due = earliest + _tick(time.thread_time() - used)
            meters.FANOUT.observe(time.monotonic() - started)
            if oldest is not None:
                meters.LAG.observe(max(0.0, time.time() - oldest))
            time.sleep(max(0.0, earliest - time.monotonic()))


def _tick(cost: float) -> float:
    """How far apart rounds are, by the CPU the last one took: a busy machine is no reason."""
    return max(TICK_SECONDS, min(cost * COST_FACTOR, MAX_TICK_SECONDS))
