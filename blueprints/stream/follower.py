"""Follows Redis on one connection, so that the worker's copy of the board misses nothing.

What is published may be lost on the way, and Redis itself may lose what it held. So every event has
a number, a gap is filled from the log, and where that does not reach the board is read anew.
"""

import random
import time
from threading import Event as Signal
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask
from redis import RedisError
from redis.client import PubSub
from sqlalchemy.exc import SQLAlchemyError

import shop
from blueprints.stream import board, events, meters

if TYPE_CHECKING:
    from blueprints.stream.hub import Hub

log = structlog.get_logger(__name__)

# A subscription that is silent for this long is asked for a sign of life.
PING_SECONDS = 5.0
BACK_OFF_SECONDS = (0.1, 2.0)
MAX_DOUBLINGS = 8


class Follower:
    """The one subscription of a worker; tells the hub what it hears."""

    def __init__(self, app: Flask, hub: "Hub", stopping: Signal) -> None:
        self._app = app
        self._hub = hub
        self._stopping = stopping
        self._log_trusted = True

    def run(self) -> None:
        """Follow until the worker stops, however often Redis goes away."""
        attempt = 0
        while not self._stopping.is_set():
            try:
                with self._app.app_context():
                    self._follow()
                return
            except (RedisError, OSError) as error:
                reason = "Redis is away"
                log.warning("subscription lost", error=type(error).__name__)
            except SQLAlchemyError as error:
                reason = "The database is away"
                log.warning("board cannot be rebuilt", error=type(error).__name__)
            except Exception:
                reason = "The feed failed"
                # Whatever it was that could not be taken in: the log holds it again.
                self._log_trusted = False
                log.exception("hub failed")
            self._hub.looked.set()
            attempt = 0 if self._hub.live else attempt + 1
            self._hub.report("redis", reason)
            self._stopping.wait(back_off(attempt))

    def _follow(self) -> None:
        client = board.subscriber()
        subscription = client.pubsub()
        try:
            # Subscribed first, then read: nothing is missed between the two.
            subscription.subscribe(board.REBUILT)
            subscription.psubscribe("metrics:*")
            self.catch_up("connected")
            self._hub.report("redis", None)
            while not self._stopping.is_set():
                self.take(_next_message(subscription))
        finally:
            subscription.close()
            client.close()

    def take(self, message: Any) -> None:
        """Whatever the subscription brought."""
        if message["type"] == "message" and message["data"] != self._hub.epoch.encode():
            self.catch_up("rebuilt")
        if message["type"] != "pmessage":
            return
        channel = message["channel"].decode(errors="replace").removeprefix("metrics:")
        event = events.numbered(channel, message["data"])
        if event is None:
            self._take_foreign(channel, message["data"])
        elif event.epoch != self._hub.epoch:
            self.catch_up("another epoch")
        else:
            self._take_numbered(event)

    def _take_numbered(self, event: events.Event) -> None:
        if event.seq > self._hub.seq + 1:
            self.catch_up("gap")
        if event.seq == self._hub.seq + 1:
            self._hub.apply(event)

    def _take_foreign(self, channel: str, text: bytes) -> None:
        """A message of another program: passed on without an id, or dropped and counted."""
        try:
            data = events.foreign(channel, text)
        except events.NotAnEvent as error:
            why = str(error)
            meters.EVENTS_DROPPED.labels(why).inc()
            log.warning("message dropped", channel=channel[:64], why=why, bytes=len(text))
            return
        self._hub.pass_on(channel, {"timestamp": int(time.time() * 1000)} | data)

    def catch_up(self, why: str) -> None:
        """Make the copy right again: by the log if that reaches, else from the board.

        Raises redis.RedisError, and SQLAlchemyError if the board has to be rebuilt and cannot be.
        """
        current = self._trusted_board()
        hub = self._hub
        if current.epoch == hub.epoch and current.seq >= hub.seq and self._log_trusted:
            self._fill_gap()
            if hub.seq >= current.seq:
                return
        meters.RESYNCS.labels(why).inc()
        hub.begin_at(current, board.logged(-1))
        self._log_trusted = True

    def _trusted_board(self) -> board.Board:
        try:
            current = board.read()
            # Older than what has been shown: Redis has been given older data without a restart.
            older = current.epoch == self._hub.epoch and current.seq < self._hub.seq
            same_server = current.server == board.server_id()
            if same_server and not older and current.day >= shop.today():
                return current
            lost_epoch, why = current.epoch, "Redis has restarted or the day has changed"
        except board.BoardLost as lost:
            lost_epoch, why = None, str(lost)
        board.rebuild(lost_epoch, why)
        return board.read()

    def _fill_gap(self) -> None:
        missed = events.of_board(board.logged(self._hub.seq), self._hub.epoch)
        for event in missed:
            if event.seq != self._hub.seq + 1:
                meters.GAPS.labels("no").inc()
                return
            self._hub.apply(event)
        if missed:
            meters.GAPS.labels("yes").inc()


def _next_message(subscription: PubSub) -> Any:
    """The next message. A connection that does not even answer a ping is dead: OSError."""
    message = subscription.get_message(timeout=PING_SECONDS)
    if message is None:
        subscription.ping()
        message = subscription.get_message(timeout=PING_SECONDS)
    if message is None:
        raise ConnectionError("Redis does not answer")
    return message


def back_off(attempt: int) -> float:
    """How long to wait after so many attempts in vain: longer each time, and not all alike."""
    least, most = BACK_OFF_SECONDS
    return random.uniform(least, min(most, least * 2 ** min(attempt, MAX_DOUBLINGS)))
