"""One per worker: keeps a copy of the board and feeds every dashboard from it.

All threads here are greenlets under gunicorn's gevent worker, which patches `threading`.
"""

import json
import random
import re
import time
from threading import Event, RLock, Thread

import structlog
from flask import Flask

import shop
from blueprints.stream import board, channels, events, frames, meters, outbox
from blueprints.stream.channels import Json
from blueprints.stream.fanout import Fanout
from blueprints.stream.follower import Follower
from blueprints.stream.relay import Relay
from blueprints.stream.ring import Cursor, Fallen, Frame, Ring
from blueprints.stream.slots import Slots
from blueprints.stream.state import State
from blueprints.stream.ticker import Ticker
from blueprints.stream.timers import StillValid, Timers
from problems import unavailable

log = structlog.get_logger(__name__)

RETRY_MS = (700, 1_300)
_LAST_EVENT_ID = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,15})")
# How long a dashboard that comes before the first look at the board waits for that.
FIRST_LOOK_SECONDS = 2.0
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
        self.looked = Event()
        self.epoch = ""
        self.seq = 0
        self._status_seq = 0
        self._away: dict[str, str] = {"redis": "Not connected to Redis yet"}
        self._minute: Json = {"compare": None, "series": None}
        self._init_frames: dict[tuple[str, bool], bytes] = {}
        self._unwelcome: set[str] = set()
        self.tick = Event()
        self._stopping = Event()
        self.ring = Ring(events.redact)
        self.slots = Slots(self._settings.stream_max_clients, self._settings.stream_max_per_user)
        self.fanout = Fanout(self)
        self.ticker = Ticker(self.flush)
        self.follower = Follower(app, self, self._stopping)
        self._relay = Relay(app, self.report)

    # Life

    def start(self) -> None:
        """Begin to follow Redis, to publish the outbox and to feed dashboards."""
        with self._app.app_context():
            outbox.on_commit(self._relay.wake)
        for work in (self.follower.run, self._relay.run, self.ticker.run):
            Thread(target=work, name=f"hub-{work.__qualname__}", daemon=True).start()
        timers = Timers(self._app, self, self._stopping, self._still_valid)
        timers.start(self._settings.heartbeat_seconds)

    def load(self) -> None:
        """Read the board once, without following it. Raises redis.RedisError."""
        self.follower.catch_up("read once")
        self._away.clear()
        self.refresh()

    def drain(self) -> None:
        """End every stream: browsers come back to another worker and resume by id."""
        self._stopping.set()
        self._relay.stop()
        self.wake_readers()
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
        self.looked.wait(FIRST_LOOK_SECONDS)
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
        while seq is not None and self.seq < seq and time.monotonic() < deadline:
            self.tick.wait(BEHIND_SECONDS / 20)

    def _seq_of(self, last_event_id: str | None) -> int | None:
        """The number in an id; None if it is none of this board's."""
        match = _LAST_EVENT_ID.fullmatch(last_event_id or "")
        return int(match[2]) if match and match[1] == self.epoch else None

    def _resume(self, cursor: Cursor, last_event_id: str) -> None:
        seq = self._seq_of(last_event_id)
        try:
            if seq is None:
                raise Fallen
            cursor.position = self.ring.resume(seq)
            cursor.resumed = self.ring.end
        except Fallen:
            cursor.generation = -1

    def first_bytes(self, cursor: Cursor, last_event_id: str | None) -> list[bytes]:
        """What a new stream begins with: a part of its own, then one that many may share."""
        opening = [frames.retry(random.randint(*RETRY_MS))]
        if not last_event_id:
            meters.STREAMS_OPENED.labels("fresh").inc()
            with self._lock:
                self._place_at_end(cursor)
                return [*opening, self._init(cursor, recovered=True)]
        with self._lock:
            resumed = cursor.generation == self.ring.generation
            meters.STREAMS_OPENED.labels("resumed" if resumed else "not_recovered").inc()
            if missed := self.read(cursor):
                opening.append(missed)
            # A status has no id: it may be the one thing that was missed.
            if resumed and (self._away or self._status_seq >= (self._seq_of(last_event_id) or 0)):
                opening.append(frames.encode("status", frames.to_json(self._status())))
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
        self.looked.wait(FIRST_LOOK_SECONDS)
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
            self._status_seq = self.seq
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
            board.rebuild(self.epoch, "a new day has begun")
        self.refresh()
        with self._lock:
            clock = {"day": day.isoformat(), **self._minute}
            self._send_unnumbered("clock", clock, channel="clock")

    def end_streams_of(self, principal: str) -> None:
        """End the streams of somebody who may not look any more."""
        with self._lock:
            self._unwelcome.add(principal)
        self.wake_readers()
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

    # What the follower calls

    def begin_at(self, current: board.Board, logged: list[tuple[str, bytes]]) -> None:
        """Show this board from now on. By the log the dashboards of other workers can resume."""
        led_here = events.leading_to(logged, current.epoch, current.seq)
        with self._lock:
            self.epoch, self.seq = current.epoch, current.seq
            self._state = State(current)
            self._init_frames.clear()
            self.ring.restart(current.seq - len(led_here))
            for event in led_here:
                self.ring.append(events.frame(event))
            self.ring.show()
            self.looked.set()
        self.ticker.poke()

    def apply(self, event: events.Event) -> None:
        """Take in the event that comes next after `seq`."""
        data = json.loads(event.text)
        declared = channels.declared().get(event.channel)
        _count(event.channel)
        with self._lock:
            if declared and self._state:
                self._state.fold(declared, data, raw=event.raw)
                if declared.gather and not event.raw:
                    meters.EVENTS_MERGED.inc(len(data[declared.gather.into]) - 1)
            self.seq = event.seq
            self._init_frames.clear()
            self.ring.append(events.frame(event))
        self.ticker.poke(data["timestamp"] / 1000)

    def pass_on(self, channel: str, data: Json) -> None:
        """Send another program's event, which has no number."""
        _count(channel)
        with self._lock:
            self._send_unnumbered(channel, data, channel=channel)

    # Sending

    def _send_unnumbered(self, event: str, data: Json, channel: str | None = None) -> None:
        wire = frames.encode(event, frames.to_json(data))
        self._init_frames.clear()
        self.ring.append(Frame(wire, channel, self.seq, numbered=False))
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
        return f"{self.epoch}-{self.seq}"

    def flush(self) -> None:
        """Send what has gathered to all dashboards. Nothing may end the thread that does."""
        try:
            with self._lock:
                self.ring.show()
            meters.RING_FRAMES.set(self.ring.depth)
            self.wake_readers()
            self.fanout.write()
        except Exception:
            log.exception("frames not sent")

    def wake_readers(self) -> None:
        """Let generators look for what is new, and whether their client is still there."""
        with self._lock:
            waiting, self.tick = self.tick, Event()
        waiting.set()


def _count(channel: str) -> None:
    # Whoever may publish must not be able to add time series without end.
    meters.EVENTS_IN.labels(channel if channel in channels.declared() else "other").inc()
