"""A stretch of time in which orders are published and frames counted, and what the worker used."""

import time
from dataclasses import dataclass

from bench.readers import Readers, Report
from bench.server import Server
from bench.stage import Stage

SETTLE_SECONDS = 0.3


@dataclass(frozen=True)
class Window:
    """What the readers saw, the orders published, and the worker's CPU seconds."""

    report: Report
    orders: int
    cpu: float
    idle_cpu: float

    @property
    def share(self) -> float:
        """Of one core, all the worker did in it."""
        return self.cpu / self.report.seconds

    @property
    def per_frame(self) -> float:
        """CPU seconds for each frame to each dashboard, less what it costs when nothing happens."""
        return (self.cpu - self.idle_cpu) / max(1, self.report.frames)

    @property
    def whole(self) -> bool:
        """Whether every dashboard was sent every event once, in order, without a fresh start."""
        report = self.report
        lost = report.gaps + report.restarts + report.closed + report.behind
        return not lost and report.orders == self.orders


def orders(
    stage: Stage, server: Server, readers: Readers, rate: float, seconds: float, idle: float
) -> Window:
    """Orders at that rate; `idle` is the share of a core used when nothing happens."""
    time.sleep(SETTLE_SECONDS)
    readers.begin()
    before = server.cpu
    published = stage.feed.publish(rate, seconds)
    report = readers.end(published.last)
    return Window(report, published.orders, server.cpu - before, idle * report.seconds)


def idle_share(server: Server, seconds: float) -> float:
    """The share of a core that a worker uses while nothing happens."""
    time.sleep(SETTLE_SECONDS)
    before, started = server.cpu, time.monotonic()
    time.sleep(seconds)
    return (server.cpu - before) / (time.monotonic() - started)
