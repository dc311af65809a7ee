"""What the engine does by the clock: one thread a job, each done however the last time went."""

import random
import time
from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

import shop
import upkeep
from blueprints.stream import board, channels, meters, publisher, repair
from extensions import redis

if TYPE_CHECKING:
    from blueprints.stream.hub import Hub

log = structlog.get_logger(__name__)

MINUTE = 60.0
# How old the running minute may be for whoever opens a dashboard.
REFRESH_SECONDS = 10.0
AUDIT_SECONDS = 60.0
PRINCIPALS_SECONDS = 5.0
STUCK_CHECK_SECONDS = 5.0
# How soon a generator whose dashboard has left is told while there is nothing to send.
DEPARTURE_SECONDS = 1.0
LAG_SAMPLES = 20
LAG_SAMPLE_SECONDS = 0.25
TURN = "flashboard:turn:"

# Of principals by key, those that may still look: a feature's knowledge, handed in.
StillValid = Callable[[Iterable[str]], set[str]]


class Timers:
    """The jobs of one worker. Those that need doing once for all workers take turns."""

    def __init__(self, app: Flask, hub: "Hub", stopping: Event, still_valid: StillValid) -> None:
        self._app = app
        self._hub = hub
        self._stopping = stopping
        self._still_valid = still_valid

    def start(self, heartbeat_seconds: float) -> None:
        """Start all jobs."""
        self._every(lambda: heartbeat_seconds, self._hub.heartbeat)
        Thread(target=self._watch_lag, name="hub-lag", daemon=True).start()
        Thread(target=self._attempt, args=(self._hub.minute,), daemon=True).start()
        self._every(self._to_next_minute, self._hub.minute)
        self._every(lambda: REFRESH_SECONDS, self._hub.refresh)
        self._every(lambda: PRINCIPALS_SECONDS, self._end_unwelcome_streams)
        self._every(lambda: STUCK_CHECK_SECONDS, self._hub.fanout.close_stuck)
        self._every(lambda: DEPARTURE_SECONDS, self._hub.wake_readers)
        self._every(lambda: AUDIT_SECONDS, self._in_turn("audit", AUDIT_SECONDS, audit))
        for job in upkeep.jobs:
            name = f"upkeep:{job.__module__}.{job.__qualname__}"
            self._every(
                lambda: upkeep.EVERY_SECONDS, self._in_turn(name, upkeep.EVERY_SECONDS, job)
            )
        for each in channels.declared().values():
            if each.sample:
                sampler = _Sampler(each.name, each.sample.read)
                seconds = each.sample.seconds
                job = self._in_turn(f"sample:{each.name}", seconds, sampler.publish_change)
                self._every(lambda seconds=seconds: seconds, job)  # type: ignore[misc]

    def _every(self, pause: Callable[[], float], job: Callable[[], None]) -> None:
        def run() -> None:
            while not self._stopping.wait(pause()):
                self._attempt(job)

        Thread(target=run, name="timer", daemon=True).start()

    def _attempt(self, job: Callable[[], None]) -> None:
        with self._app.app_context():
            try:
                job()
            except (RedisError, SQLAlchemyError, board.BoardLost) as error:
                log.warning("job put off", job=job.__qualname__, error=type(error).__name__)
            except Exception:
                log.exception("job failed", job=job.__qualname__)

    def _in_turn(self, name: str, seconds: float, job: Callable[[], None]) -> Callable[[], None]:
        def when_it_is_my_turn() -> None:
            milliseconds = max(1, int(seconds * 1000))
            if redis.commands.set(TURN + name, 1, nx=True, px=milliseconds):
                job()

        return when_it_is_my_turn

    def _watch_lag(self) -> None:
        """Measure how long this worker's threads wait for their turn."""
        while not self._stopping.is_set():
            worst = 0.0
            for _ in range(LAG_SAMPLES):
                asked = time.monotonic() + LAG_SAMPLE_SECONDS
                self._stopping.wait(LAG_SAMPLE_SECONDS)
                worst = max(worst, time.monotonic() - asked)
            meters.HUB_LAG.set(worst)

    def _to_next_minute(self) -> float:
        """Seconds to the next minute, or to the shop's midnight where no minute begins with it."""
        with self._app.app_context():
            now = shop.now()
            to_midnight = (shop.next_midnight(now) - now).total_seconds()
        # A little past it, so that the new minute has begun on every clock concerned.
        return min(MINUTE - time.time() % MINUTE, to_midnight) + random.uniform(0.01, 0.05)

    def _end_unwelcome_streams(self) -> None:
        """End the streams of those who signed out or whose token was revoked."""
        open_for = self._hub.slots.principals()
        for gone in open_for - self._still_valid(open_for) if open_for else ():
            self._hub.end_streams_of(gone)


class _Sampler:
    """Publishes what a room wants looked at, if it has changed since."""

    def __init__(self, channel: str, read: Callable[[], channels.Json]) -> None:
        self._channel = channel
        self._read = read

    def publish_change(self) -> None:
        """Look, compare with the board, publish."""
        found = self._read()
        known = board.read().values
        if any(known.get(name) != value for name, value in found.items()):
            publisher.publish(self._channel, found)


def audit() -> None:
    """Compare Redis with Postgres; put right what differs, and leave figures for the metrics."""
    found = board.differences()
    meters.DIFFERENCES.set(len(found))
    if found:
        log.error("the board differs from Postgres", differences=found[:10])
        repair.rebuild("the audit found differences")
