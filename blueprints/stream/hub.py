"""One per worker: follows Redis on one connection, keeps the board, feeds every dashboard.

All threads here are greenlets under gunicorn's gevent worker, which patches `threading`.
"""

import json
import random
import re
import time
from threading import Event, RLock, Thread
from typing import Any

import structlog
from flask import Flask
from redis import RedisError
from redis.client import PubSub
from sqlalchemy.exc import SQLAlchemyError

import shop
from blueprints.stream import board, channels, frames, meters, outbox
from blueprints.stream.channels import Json
from blueprints.stream.fanout import Fanout
from blueprints.stream.relay import Relay
from blueprints.stream.ring import Cursor, Fallen, Frame, Ring
from blueprints.stream.slots import Slots
from blueprints.stream.state import State
from blueprints.stream.ticker import Ticker
from blueprints.stream.timers import StillValid, Timers
from problems import unavailable

log = structlog.get_logger(__name__)

# A subscription that is silent for this long is asked for a sign of life.
PING_SECONDS = 5.0
BACK_OFF_SECONDS = (0.1, 2.0)
MAX_DOUBLINGS = 8
RETRY_MS = (700, 1_300)
MAX_MESSAGE_BYTES = 64 * 1024
# How an event that the board published begins; whatever else is published is another program's.
_EVENT = re.compile(rb'{"eventId":"([0-9a-f]+)-([0-9]+)",("raw":true,)?(?="timestamp":[0-9])')
_LAST_EVENT_ID = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,15})")
# How long a dashboard that comes before the first look at the board waits for that.
FIRST_LOOK_SECONDS = 2.0
LAG_SAMPLES = 20
LAG_SAMPLE_SECONDS = 0.25
# How far behind another worker this one may be without a dashboard seeing it.
BEHIND_SECONDS = 0.5


class Hub:
    """The worker's copy of the board and its ring of frames."""

    def __init__(self, app: Flask, still_valid: StillValid) -> None:
        self._app = app
        self._still_valid = still_valid
        self._settings = app.config["SETTINGS"]
        self._lock = RLock()
        self._state: State | None = None
        self._looked = Event()
        self._log_trusted = True
        self._epoch = ""
        self._seq = 0
        self._status_seq = 0
        self._away: dict[str, str] = {"redis": "Not connected to Redis yet"}
        self._minute: Json = {"compare": None, "series": None}
        self._init_frames: dict[tuple[str, bool], bytes] = {}
        self._unwelcome: set[str] = set()
        self.tick = Event()
        self._stopping = Event()
        self.ring = Ring(_redact_wire)
        self.slots = Slots(self._settings.stream_max_clients, self._settings.stream_max_per_user)
        self.fanout = Fanout(self)
        self.ticker = Ticker(self._flush)
        self._relay = Relay(app, self.report)

    # Life

    def start(self) -> None:
        """Begin to follow Redis, to publish the outbox and to feed dashboards."""
        with self._app.app_context():
            outbox.on_commit(self._relay.wake)
        for work in (self._follow_for_ever, self._relay.run, self.ticker.run):
            Thread(target=work, name=f"hub-{work.__qualname__}", daemon=True).start()
        Thread(target=self._watch_lag, name="hub-lag", daemon=True).start()
        timers = Timers(self._app, self, self._stopping, self._still_valid)
        timers.start(self._settings.heartbeat_seconds)

    def load(self) -> None:
        """Read the board once, without following it. Raises redis.RedisError."""
        self._catch_up("read once")
        self._away.clear()
        self.refresh()

    def drain(self) -> None:
        """End every stream: browsers come back to another worker and resume by id."""
        self._stopping.set()
        self._relay.stop()
        self._wake_readers()
        self.fanout.close_all()

    @property
    def heartbeat_seconds(self) -> float:
        """How long a stream is silent at the most."""
        return float(self._settings.heartbeat_seconds)

    @property
    def draining(self) -> bool:
        """Whether the worker is going away."""
        return self._stopping.is_set()

    # What dashboards call

    def open(
        self, last_event_id: str | None, audience: str, names: frozenset[str] | None
    ) -> Cursor:
        """A cursor for a new stream: after `last_event_id` if that is known, else at a new `init`.

        Raises Problem 503 if the board was never read.
        """
        self._looked.wait(FIRST_LOOK_SECONDS)
        self._await_seq(last_event_id)
        with self._lock:
            if self._state is None:
                raise unavailable("The live board")
            cursor = Cursor(self.ring.end, self.ring.generation, audience, names)
            if last_event_id:
                self._resume(cursor, last_event_id)
            return cursor

    def _await_seq(self, last_event_id: str | None) -> None:
        """Who comes from a worker that is ahead may not be shown what is older than its last."""
        seq = self._seq_of(last_event_id)
        deadline = time.monotonic() + BEHIND_SECONDS
        while seq is not None and self._seq < seq and time.monotonic() < deadline:
            self.tick.wait(BEHIND_SECONDS / 20)

    def _seq_of(self, last_event_id: str | None) -> int | None:
        """The number in an id; None if it is none of this board's."""
        match = _LAST_EVENT_ID.fullmatch(last_event_id or "")
        return int(match[2]) if match and match[1] == self._epoch else None

    def _resume(self, cursor: Cursor, last_event_id: str) -> None:
        seq = self._seq_of(last_event_id)
        try:
            if seq is None:
                raise Fallen
            cursor.position = self.ring.resume(seq)
            cursor.resumed = self.ring.end
        except Fallen:
            cursor.generation = -1

    def first_bytes(self, cursor: Cursor, last_event_id: str | None) -> bytes:
        """What a new stream begins with."""
        opening = frames.retry(random.randint(*RETRY_MS))
        if not last_event_id:
            meters.STREAMS_OPENED.labels("fresh").inc()
            with self._lock:
                self._place_at_end(cursor)
                return opening + self._init(cursor, recovered=True)
        with self._lock:
            resumed = cursor.generation == self.ring.generation
            meters.STREAMS_OPENED.labels("resumed" if resumed else "not_recovered").inc()
            opening += self.read(cursor)
            # A status has no id: it may be the one thing that was missed.
            if resumed and (self._away or self._status_seq >= (self._seq_of(last_event_id) or 0)):
                opening += frames.encode("status", frames.to_json(self._status()))
        return opening

    def read(self, cursor: Cursor) -> bytes:
        """What a dashboard is to be sent next; a fresh `init` if it is too far behind."""
        with self._lock:
            try:
                return self.ring.read(cursor)
            except Fallen:
                meters.STREAMS_RESET.inc()
                self._place_at_end(cursor)
                return self._init(cursor, recovered=False)

    def last_bytes(self) -> bytes:
        """What a stream ends with when the worker goes away: come back, but not all at once."""
        return frames.retry(random.randint(*RETRY_MS))

    def snapshot(self, audience: str = "full", *, recovered: bool = True) -> Json:
        """The object that `init` carries. Raises Problem 503 if the board was never read."""
        self._looked.wait(FIRST_LOOK_SECONDS)
        with self._lock:
            if self._state is None:
                raise unavailable("The live board")
            settings = self._settings
            found = {
                "recovered": recovered,
                "build": settings.build,
                "day": self._state.day.isoformat(),
                "timezone": settings.shop_timezone,
                "currency": settings.shop_currency,
                **self._state.snapshot(),
                **self._minute,
                "live": not self._away,
            }
        return found if audience == "full" else channels.redact(found, audience)

    @property
    def live(self) -> bool:
        """Whether the feed is up."""
        return not self._away

    @property
    def reason(self) -> str | None:
        """What is away."""
        return next(iter(self._away.values()), None)

    # What the other threads of the worker call

    def report(self, part: str, reason: str | None) -> None:
        """A part of the feed is away, or back (`reason` is None); dashboards are told."""
        with self._lock:
            was_live = not self._away
            if reason is None:
                self._away.pop(part, None)
            else:
                self._away.setdefault(part, reason)
            meters.FEED_LIVE.set(self.live)
            if was_live == self.live:
                return
            self._status_seq = self._seq
            self._send_unnumbered("status", self._status())
        log.warning("feed is back" if self.live else "feed is down", reason=self.reason)

    def _status(self) -> Json:
        return {"live": self.live} | ({"reason": self.reason} if self._away else {})

    def heartbeat(self) -> None:
        """Tell every dashboard that the link is alive, and what it should have seen."""
        with self._lock:
            self._send_unnumbered(
                "heartbeat",
                {
                    "now": int(time.time() * 1000),
                    "lastEventId": self._last_id(),
                    "build": self._settings.build,
                },
            )

    def minute(self) -> None:
        """Once a minute: at midnight the new day, then comparisons with yesterday.

        Raises redis.RedisError or SQLAlchemyError; needs an app context.
        """
        day = shop.today()
        if self._state and self._state.day < day:
            board.rebuild(self._epoch, "a new day has begun")
        self.refresh()
        with self._lock:
            clock = {"day": day.isoformat(), **self._minute}
            self._send_unnumbered("clock", clock, channel="clock")

    def end_streams_of(self, principal: str) -> None:
        """End the streams of somebody who may not look any more."""
        with self._lock:
            self._unwelcome.add(principal)
        self._wake_readers()
        self.fanout.close_of(principal)

    def may_stay(self, principal: str) -> bool:
        """Whether a stream goes on: not if the worker is going away or its reader is unwelcome."""
        return not (self.draining or principal in self._unwelcome)

    def welcome(self, principal: str) -> None:
        """Somebody has just been let in."""
        self._unwelcome.discard(principal)

    def refresh(self) -> None:
        """Ask the rooms anew for what `clock` and `init` show of yesterday and the last hour."""
        for each in channels.declared().values():
            if each.every_minute:
                self._minute |= each.every_minute()
        with self._lock:
            self._init_frames.clear()

    def _watch_lag(self) -> None:
        """Measure how long this worker's threads wait for their turn."""
        while not self.draining:
            worst = 0.0
            for _ in range(LAG_SAMPLES):
                asked = time.monotonic() + LAG_SAMPLE_SECONDS
                self._stopping.wait(LAG_SAMPLE_SECONDS)
                worst = max(worst, time.monotonic() - asked)
            meters.HUB_LAG.set(worst)

    # Following Redis

    def _follow_for_ever(self) -> None:
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
            self._looked.set()
            attempt = 0 if self.live else attempt + 1
            self.report("redis", reason)
            self._stopping.wait(back_off(attempt))

    def _follow(self) -> None:
        client = board.subscriber()
        subscription = client.pubsub()
        try:
            # Subscribed first, then read: nothing is missed between the two.
            subscription.subscribe(board.REBUILT)
            subscription.psubscribe("metrics:*")
            self._catch_up("connected")
            self.report("redis", None)
            while not self._stopping.is_set():
                self._take(self._next_message(subscription))
        finally:
            subscription.close()
            client.close()

    @staticmethod
    def _next_message(subscription: PubSub) -> Any:
        """The next message. A connection that does not even answer a ping is dead: OSError."""
        message = subscription.get_message(timeout=PING_SECONDS)
        if message is None:
            subscription.ping()
            message = subscription.get_message(timeout=PING_SECONDS)
        if message is None:
            raise ConnectionError("Redis does not answer")
        return message

    def _take(self, message: Any) -> None:
        if message["type"] == "message" and message["data"] != self._epoch.encode():
            self._catch_up("rebuilt")
        if message["type"] != "pmessage":
            return
        name = message["channel"].decode(errors="replace").removeprefix("metrics:")
        match = _EVENT.match(message["data"])
        if match and match[1].decode() == self._epoch:
            self._take_numbered(name, int(match[2]), message["data"])
        elif match:
            self._catch_up("another epoch")
        else:
            self._take_foreign(name, message["data"])

    def _take_numbered(self, name: str, seq: int, text: bytes) -> None:
        if seq > self._seq + 1:
            self._catch_up("gap")
        if seq == self._seq + 1:
            self._apply(name, seq, text)

    def _take_foreign(self, name: str, text: bytes) -> None:
        """A message of another program: passed on without an id, or dropped and counted."""
        why = _refusal(name, text)
        if why:
            meters.EVENTS_DROPPED.labels(why).inc()
            log.warning("message dropped", channel=name[:64], why=why, bytes=len(text))
            return
        data = {"timestamp": int(time.time() * 1000)} | json.loads(text)
        _count(name)
        with self._lock:
            self._send_unnumbered(name, data, channel=name)

    def _catch_up(self, why: str) -> None:
        """Make the copy right again: by the log if that reaches, else from the board."""
        current = self._trusted_board()
        if current.epoch == self._epoch and current.seq >= self._seq and self._log_trusted:
            self._fill_gap()
            if self._seq >= current.seq:
                return
        meters.RESYNCS.labels(why).inc()
        self._begin_at(current, board.logged(-1))

    def _begin_at(self, current: board.Board, log: list[tuple[str, bytes]]) -> None:
        """Show this board from now on. By the log the dashboards of other workers can resume."""
        logged = _unbroken(log, current)
        with self._lock:
            self._epoch, self._seq = current.epoch, current.seq
            self._state = State(current)
            self._init_frames.clear()
            self.ring.restart(current.seq - len(logged))
            for name, seq, text in logged:
                self.ring.append(_frame(name, self._epoch, seq, text))
            self.ring.show()
            self._log_trusted = True
            self._looked.set()
        self.ticker.poke()

    def _trusted_board(self) -> board.Board:
        try:
            current = board.read()
            # Older than what has been shown: Redis has been given older data without a restart.
            older = current.epoch == self._epoch and current.seq < self._seq
            same_server = current.server == board.server_id()
            if same_server and not older and current.day >= shop.today():
                return current
            lost_epoch, why = current.epoch, "Redis has restarted or the day has changed"
        except board.BoardLost as lost:
            lost_epoch, why = None, str(lost)
        board.rebuild(lost_epoch, why)
        return board.read()

    def _fill_gap(self) -> None:
        missed = _numbered(board.logged(self._seq), self._epoch)
        for name, seq, text in missed:
            if seq != self._seq + 1:
                meters.GAPS.labels("no").inc()
                return
            self._apply(name, seq, text)
        if missed:
            meters.GAPS.labels("yes").inc()

    def _apply(self, name: str, seq: int, text: bytes) -> None:
        data = json.loads(text)
        raw = text.startswith(b'"raw"', text.index(b",") + 1)
        declared = channels.declared().get(name)
        _count(name)
        with self._lock:
            if declared and self._state:
                self._state.fold(declared, data, raw=raw)
                if declared.gather and not raw:
                    meters.EVENTS_MERGED.inc(len(data[declared.gather.into]) - 1)
            self._seq = seq
            self._init_frames.clear()
            self.ring.append(_frame(name, self._epoch, seq, text))
        self.ticker.poke(data["timestamp"] / 1000)

    # Sending

    def _send_unnumbered(self, event: str, data: Json, channel: str | None = None) -> None:
        wire = frames.encode(event, frames.to_json(data))
        self._init_frames.clear()
        self.ring.append(Frame(wire, channel, self._seq, numbered=False))
        self.ticker.poke()

    def _init(self, cursor: Cursor, *, recovered: bool) -> bytes:
        """The `init` frame, encoded once for all who come while nothing changes."""
        key = (cursor.audience, recovered)
        if key not in self._init_frames:
            data = frames.to_json(self.snapshot(cursor.audience, recovered=recovered))
            self._init_frames[key] = frames.encode("init", data, self._last_id())
        return self._init_frames[key]

    def _place_at_end(self, cursor: Cursor) -> None:
        cursor.position, cursor.generation = self.ring.end, self.ring.generation

    def _last_id(self) -> str:
        return f"{self._epoch}-{self._seq}"

    def _flush(self) -> None:
        """Send what has gathered to all dashboards. Nothing may end the thread that does."""
        try:
            with self._lock:
                self.ring.show()
            meters.RING_FRAMES.set(self.ring.depth)
            self._wake_readers()
            self.fanout.write()
        except Exception:
            log.exception("frames not sent")

    def _wake_readers(self) -> None:
        with self._lock:
            waiting, self.tick = self.tick, Event()
        waiting.set()


def back_off(attempt: int) -> float:
    """How long to wait after so many attempts in vain: longer each time, and not all alike."""
    least, most = BACK_OFF_SECONDS
    return random.uniform(least, min(most, least * 2 ** min(attempt, MAX_DOUBLINGS)))


def _frame(name: str, epoch: str, seq: int, text: bytes) -> Frame:
    # The id stands on its own line; the rest of the text is the event's data as it is.
    data = b"{" + text[text.index(b'"timestamp"') :]
    return Frame(frames.encode(name, data, f"{epoch}-{seq}"), name, seq, numbered=True)


def _numbered(logged: list[tuple[str, bytes]], epoch: str) -> list[tuple[str, int, bytes]]:
    """Events of the log with their seq, but for those of another board than ours."""
    matched = ((name, _EVENT.match(text), text) for name, text in logged)
    return [
        (name, int(match[2]), text)
        for name, match, text in matched
        if match and match[1].decode() == epoch
    ]


def _unbroken(
    logged: list[tuple[str, bytes]], current: board.Board
) -> list[tuple[str, int, bytes]]:
    """The end of the log: the events that led to the board, as far back as none is missing."""
    found: list[tuple[str, int, bytes]] = []
    for each in reversed(_numbered(logged, current.epoch)):
        if each[1] == current.seq - len(found):
            found.append(each)
    return found[::-1]


def _count(channel: str) -> None:
    # Whoever may publish must not be able to add time series without end.
    meters.EVENTS_IN.labels(channel if channel in channels.declared() else "other").inc()


def _refusal(name: str, text: bytes) -> str | None:
    """Why a message of another program is no event, if so."""
    if not channels.NAME.fullmatch(name) or name in channels.RESERVED:
        return "name"
    if len(text) > MAX_MESSAGE_BYTES:
        return "size"
    try:
        data = json.loads(text, parse_constant=_no_constant)
        # Half a surrogate pair and 1e999 can be read, but not written.
        frames.to_json({"": data})
    except (ValueError, RecursionError):
        return "json"
    return None if isinstance(data, dict) else "object"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _redact_wire(wire: bytes, audience: str) -> bytes:
    """A frame as an audience may see it; nothing where that cannot be said."""
    head, _, data = wire.partition(b"data: ")
    try:
        shown = channels.redact(json.loads(data), audience)
    except Exception:
        log.exception("frame withheld", audience=audience)
        return b""
    return head + b"data: " + frames.to_json(shown) + b"\n\n"
