"""Publishes what the outbox holds: at once after a commit here, within a second what is left."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import structlog
from flask import Flask
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from blueprints.stream import board, meters, outbox
from extensions import answer_by, db

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 1.0
BACK_OFF_SECONDS = 0.5
MEASURE_SECONDS = 2.0
# A Postgres that has not let events out of the outbox by then is away, and dashboards are told.
PATIENCE_SECONDS = 3.0


def drain() -> float:
    """Publish what waits in the outbox; seconds until the board wants to be called again.

    A board that is lost is rebuilt first. Raises redis.RedisError or SQLAlchemyError, with nothing
    lost.
    """
    return board.mended(_publish)


@contextmanager
def _impatient() -> Iterator[None]:
    before = answer_by.set(time.monotonic() + PATIENCE_SECONDS)
    try:
        yield
    finally:
        answer_by.reset(before)


def _publish() -> float:
    """Rows leave the outbox in the transaction that publishes them: if either fails, they stay."""
    with _impatient(), db.engine.begin() as connection:
        rows = outbox.claim(connection)
        applied = board.apply(rows)
    meters.EVENTS_PUBLISHED.inc(len(rows))
    if not rows:
        # What still waits to be merged is another worker's, whose relay calls when it is due; were
        # that gone, the next sweep would publish it.
        return 0.0
    # The next events are merged until the board's interval is over: calling sooner gains nothing.
    return (applied.due_ms or board.MERGE_MS) / 1000


class Relay:
    """One per worker. `report` is told the part that is away and why, or None when it is back."""

    def __init__(self, app: Flask, report: Callable[[str, str | None], None]) -> None:
        self._app = app
        self._report = report
        self._work = Event()
        self._stopping = Event()
        self._measured_at = -MEASURE_SECONDS

    def wake(self) -> None:
        """There is something in the outbox."""
        self._work.set()

    def stop(self) -> None:
        """End after the round under way."""
        self._stopping.set()
        self._work.set()

    def run(self) -> None:
        """Publish until stopped."""
        while not self._stopping.is_set():
            self._work.wait(SWEEP_SECONDS)
            self._work.clear()
            pause = self._round()
            self._measure()
            if pause:
                self._stopping.wait(pause)
                self._work.set()

    def _round(self) -> float:
        """One attempt; seconds to wait before the next, 0 to wait for work."""
        with self._app.app_context():
            try:
                pause = drain()
            except RedisError as error:
                return self._failed("publishing", "Redis is away", error)
            except PoolTimeoutError as error:
                return self._failed("database", "The database is too busy", error)
            except SQLAlchemyError as error:
                return self._failed("database", "The database is away", error)
            except Exception as error:
                log.exception("relay failed")
                return self._failed("publishing", "Publishing failed", error)
        self._report("publishing", None)
        self._report("database", None)
        return pause

    def _measure(self) -> None:
        """Say how much waits: now and then, and above all while nothing can be published."""
        if time.monotonic() < self._measured_at + MEASURE_SECONDS:
            return
        self._measured_at = time.monotonic()
        with self._app.app_context(), _impatient():
            try:
                depth, age = outbox.backlog()
            except SQLAlchemyError:
                return
        meters.OUTBOX_DEPTH.set(depth)
        meters.OUTBOX_AGE.set(age)

    def _failed(self, part: str, reason: str, error: Exception) -> float:
        meters.RELAY_FAILURES.labels(part).inc()
        log.warning("relay waits", part=part, error=type(error).__name__)
        self._report(part, reason)
        return BACK_OFF_SECONDS * random.uniform(0.5, 1.5)
