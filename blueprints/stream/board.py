"""The board in Redis: change it, read it, recount it from Postgres, compare the two.

Redis can be lost at any moment. The board is one hash, so it is there whole or not at all, and a
Redis that has restarted is not trusted: its last seconds may be missing.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import structlog
from redis import Redis
from sqlalchemy import Connection, func, select, text

import shop
from blueprints.stream import channels, meters, outbox
from blueprints.stream.channels import Channel, Counter, Item, Latest, Recent
from blueprints.stream.frames import to_text
from extensions import db, redis

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

BOARD = "flashboard:board"
LOG = "flashboard:log"
WAITING = "flashboard:waiting"
APPLIED = "flashboard:applied:"
REBUILT = "flashboard:rebuilt"
# Events of one moment are merged: at most one event of a kind in this time, however many workers.
MERGE_MS = 37
LOG_SIZE = 5_000
SEGMENT_BITS = 65_536  # the same as in board.lua
# How long a recount may take while its lock, on another connection, is idle.
REBUILD_MS = 120_000

_SCRIPT = (Path(__file__).parent / "board.lua").read_text()


class BoardLost(Exception):
    """The board is not in Redis, or not to be trusted; it has to be rebuilt.

    `epoch` is that of the board that is of no use, None if there is none. `day` is a business day
    that has begun for whoever wrote an event, whatever the clock here says.
    """

    def __init__(self, why: str, epoch: str | None = None, day: date | None = None) -> None:
        super().__init__(why)
        self.epoch = epoch
        self.day = day


@dataclass(frozen=True)
class Applied:
    """What became of a call: ids of events published at once, and milliseconds until the rest."""

    ids: tuple[str, ...]
    due_ms: int | None


@dataclass(frozen=True)
class Board:
    """The whole board at one moment. Counters are whole numbers, money in minor units."""

    epoch: str
    seq: int
    day: date
    server: str
    counters: dict[str, int]
    values: dict[str, Any]
    items: dict[str, dict[str, Item]]
    order: dict[str, list[str]]


def apply(events: Sequence[str]) -> Applied:
    """Apply and publish events (JSON), all or nothing; an empty call publishes what is due.

    Raises BoardLost, or redis.RedisError when Redis is away.
    """
    specs = json.dumps({name: _spec(found) for name, found in channels.declared().items()})
    script = redis.commands.register_script(_SCRIPT)
    answer = script(
        keys=[BOARD, LOG, WAITING, APPLIED],
        args=[specs, MERGE_MS, LOG_SIZE, *events],
    )
    if answer[0] == b"lost":
        why, epoch, day = (each.decode() for each in answer[1:])
        raise BoardLost(why, epoch or None, date.fromisoformat(day) if day else None)
    due = int(answer[1])
    return Applied(tuple(id.decode() for id in answer[2:]), due if due >= 0 else None)


def raw_event(channel: str, data: dict[str, Any]) -> str:
    """An event that is published as it is; it sets the channel's Values and nothing else."""
    found = channels.declared().get(channel)
    shows = found.shows if found else ()
    kept = {name: value for name, value in data.items() if name not in {"timestamp", *shows}}
    values = found.values if found else ()
    return to_text(
        {
            "channel": channel,
            "raw": True,
            "head": to_text(kept)[1:-1],
            "set": {name: to_text(kept[name]) for name in values if name in kept},
        }
    )


def read() -> Board:
    """The board now. Raises BoardLost, or redis.RedisError when Redis is away."""
    return _parse(_stored())


def logged(after: int) -> list[tuple[str, bytes]]:
    """Published events as (channel, data) with a seq above `after`, as far as the log has them."""
    entries: Any = redis.commands.xrange(LOG, f"({after}-0" if after >= 0 else "-", "+")
    return [(fields[b"channel"].decode(), fields[b"data"]) for _, fields in entries]


def subscriber() -> Redis:
    """A connection of its own, for the worker's one subscription."""
    return redis.subscriber()


def server_id() -> str:
    """The run of Redis that answers: another one after a restart or a failover."""
    return str(redis.commands.info("server")["run_id"])


def rebuild(lost_epoch: str | None, why: str, day: date | None = None) -> bool:
    """Recount the board from Postgres under a new epoch. False if another worker already has.

    lost_epoch: that of the board of no use. day: a business day that is known to have begun.

    No relay publishes meanwhile, so every event is either counted here and marked as applied, or
    published later. Orders go on: they only write to the outbox.
    """
    with _relays_stopped() as lock, _snapshot() as connection:
        day = max(shop.today(), day or date.min)
        if _usable(lost_epoch, day):
            return False
        epoch = secrets.token_hex(4)
        done = [id for id, _ in outbox.unpublished(connection)]
        recounted = _recounted(connection, day)
        # Postgres may have gone and come back meanwhile, and relays with it: then this count is
        # old, and the lock is no longer ours.
        lock.execute(select(1))
        _install(epoch, day, recounted, done)
    meters.REBUILDS.inc()
    log.info("board rebuilt", why=why, epoch=epoch, day=str(day), unpublished=len(done))
    return True


def mended(attempt: Callable[[], Result]) -> Result:
    """What `attempt` gives; a board that it finds lost is rebuilt, and it is made once more."""
    try:
        return attempt()
    except BoardLost as lost:
        rebuild(lost.epoch, str(lost), lost.day)
        return attempt()


def differences() -> list[str]:
    """What Redis and Postgres do not agree on, at one moment; empty when all is right."""
    with _relays_stopped(), _snapshot() as connection:
        board = read()
        expected = _recounted(connection, board.day)
        waiting = [event for _, event in outbox.unpublished(connection)]
        return list(_compare(board, expected, waiting))


def _compare(
    board: Board, expected: dict[str, Any], waiting: list[dict[str, Any]]
) -> Iterator[str]:
    touched = {event.get("key") for event in waiting}
    for name in channels.counters():
        coming = sum(
            event.get("add", {}).get(name, 0)
            for event in waiting
            if event.get("day") == board.day.isoformat()
        )
        has, should_have = board.counters.get(name, 0), expected.get(name, 0) - coming
        if has != should_have:
            yield f"{name}: Redis has {has}, Postgres {should_have}"
    for field in _item_fields():
        if waiting and isinstance(field, Recent):
            continue  # Which items are the newest will be known once the waiting are published.
        should = _picked(field, expected.get(field.name, ()))
        shown = _picked(field, board.items.get(field.name, {}).values())
        for key in sorted((should.keys() | shown.keys()) - touched):
            if shown.get(key) != should.get(key):
                found = f"Redis has {shown.get(key)}, Postgres {should.get(key)}"
                yield f"{field.name}[{key}]: {found}"


def _picked(field: Recent | Latest, items: Iterable[Item]) -> dict[str, dict[str, Any]]:
    """What has to be shown. What else is kept may differ: a recount need not bring all of it."""
    return {
        item.key: item.body for item in items if isinstance(field, Recent) or field.show(item.body)
    }


@contextmanager
def _relays_stopped() -> Iterator[Connection]:
    with db.engine.begin() as connection:
        connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {REBUILD_MS}"))
        connection.execute(select(func.pg_advisory_xact_lock(outbox.RELAY_LOCK)))
        yield connection


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A transaction that sees one moment of Postgres, however long it reads."""
    with (
        db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        connection.begin(),
    ):
        yield connection


def _usable(lost_epoch: str | None, day: date) -> bool:
    try:
        board = read()
    except BoardLost:
        return False
    return board.epoch != lost_epoch and board.day >= day


def _recounted(connection: Connection, day: date) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in channels.declared().values():
        if each.recount:
            found |= each.recount(connection, day)
    return found


def _install(epoch: str, day: date, recounted: dict[str, Any], done: list[int]) -> None:
    kept_values = {name: value for name, value in _stored().items() if name.startswith(b"value:")}
    server = server_id()
    fields: dict[Any, Any] = {
        "epoch": epoch,
        "seq": 0,
        "day": day.isoformat(),
        "server": server,
    }
    fields |= kept_values
    for name in channels.counters():
        fields[f"counter:{name}"] = int(recounted.get(name, 0))
    for field in _item_fields():
        items = recounted.get(field.name, [])
        for item in items:
            fields[f"item:{field.name}:{item.key}"] = f"{item.version}|{to_text(item.body)}"
        if isinstance(field, Recent):
            order = ",".join(f"{item.key}={item.position}" for item in items)
            fields[f"recent:{field.name}"] = order
    pipeline = redis.commands.pipeline(transaction=True)
    pipeline.delete(BOARD, LOG, WAITING)
    for id in done:
        pipeline.setbit(f"{APPLIED}{id // SEGMENT_BITS}", id % SEGMENT_BITS, 1)
    if done:
        fields["segment"] = max(done) // SEGMENT_BITS
    pipeline.hset(BOARD, mapping=fields)
    pipeline.publish(REBUILT, epoch)
    pipeline.execute()


def _stored() -> dict[bytes, bytes]:
    found: Any = redis.commands.hgetall(BOARD)
    return dict(found)


def _parse(stored: dict[bytes, bytes]) -> Board:
    if b"epoch" not in stored:
        raise BoardLost("no board")
    counters: dict[str, int] = {}
    values: dict[str, Any] = {}
    items: dict[str, dict[str, Item]] = {}
    order: dict[str, list[str]] = {}
    for name, value in stored.items():
        kind, _, rest = name.decode().partition(":")
        if kind == "counter":
            counters[rest] = int(value)
        elif kind == "value":
            values[rest] = json.loads(value)
        elif kind == "recent":
            order[rest] = [pair.partition("=")[0] for pair in value.decode().split(",") if pair]
        elif kind == "item":
            field, _, key = rest.partition(":")
            version, _, body = value.partition(b"|")
            items.setdefault(field, {})[key] = Item(key, int(version), json.loads(body))
    return Board(
        epoch=stored[b"epoch"].decode(),
        seq=int(stored[b"seq"]),
        day=date.fromisoformat(stored[b"day"].decode()),
        server=stored[b"server"].decode(),
        counters=counters,
        values=values,
        items=items,
        order=order,
    )


def _item_fields() -> list[Recent | Latest]:
    found = (each.item_field for each in channels.declared().values())
    return [field for field in found if field]


def _spec(found: Channel) -> dict[str, Any]:
    """A channel's declaration as the script takes it."""
    spec: dict[str, Any] = {
        "shows": [_counter_spec(channels.counters()[name]) for name in found.shows]
    }
    if found.gather:
        gather = found.gather
        spec["gather"] = {"item": gather.item, "into": gather.into, "limit": gather.limit}
        if gather.count:
            spec["gather"]["count"] = gather.count
    if isinstance(found.item_field, Recent):
        spec["field"] = {
            "kind": "recent",
            "name": found.item_field.name,
            "size": found.item_field.size,
        }
    elif found.item_field:
        spec["field"] = {"kind": "latest", "name": found.item_field.name}
    return spec


def _counter_spec(counter: Counter) -> dict[str, Any]:
    digits = shop.settings().currency_exponent if counter.money else 0
    return {"name": counter.name, "digits": digits}
