"""What a room declares to the engine: a channel, its fields on the board, how to recount them.

A declaration is data. The engine reads it to change the board in Redis, to keep a copy in each
worker's memory, to build `init`, and to recount everything from Postgres.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
# Events the engine itself sends.
OWN = frozenset({"init", "clock", "status", "heartbeat"})
# `message`, `error` and `open` mean something else to a browser's EventSource.
RESERVED = OWN | {"message", "error", "open"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Counter:
    """A whole number of the business day, changed only by adding. Money is kept in minor units."""

    name: str
    money: bool = False


@dataclass(frozen=True)
class Value:
    """Whatever was published last under this name."""

    name: str
    default: Any = None


@dataclass(frozen=True)
class Recent:
    """The `size` items of highest position, newest first; an item that changes is replaced."""

    name: str
    size: int = 10


@dataclass(frozen=True)
class Latest:
    """The newest version of each item by key; shown are those that `show` picks, in order.

    The first `least` of all are shown too. Of those beyond `limit` only what `always` picks is.
    An older version never overwrites a newer one, whatever order they are published in.
    """

    name: str
    show: Callable[[Json], bool]
    order: Callable[[Json], Any]
    least: int = 0
    limit: int = 100
    always: Callable[[Json], bool] = lambda item: False


Field = Counter | Value | Recent | Latest


@dataclass(frozen=True)
class Gather:
    """How the events of one moment become one: the newest item as `item`, all as the list `into`.

    With `count`, how many there were; the list holds at most `limit`, newest first. Without,
    one item a key.
    """

    item: str
    into: str
    limit: int = 100
    count: str | None = None


@dataclass(frozen=True)
class Sample:
    """Something to look at every so often: published by one worker, when it has changed."""

    seconds: float
    read: Callable[[], Json]


@dataclass(frozen=True)
class Channel:
    """One named stream of events and the part of the board that it changes."""

    name: str
    fields: tuple[Field, ...] = ()
    shows: tuple[str, ...] = ()
    gather: Gather | None = None
    recount: Callable[[Connection, date], Mapping[str, Any]] | None = None
    every_minute: Callable[[], Json] | None = None
    sample: Sample | None = None
    redact: Callable[[Json, str], Json] | None = None

    @property
    def item_field(self) -> Recent | Latest | None:
        """The field that keeps this channel's items, if any."""
        return next((each for each in self.fields if isinstance(each, Recent | Latest)), None)

    @property
    def values(self) -> tuple[str, ...]:
        """Names of the fields set by publishing."""
        return tuple(each.name for each in self.fields if isinstance(each, Value))


@dataclass(frozen=True)
class Item:
    """An item of the board: its key, its version, its JSON object, its place in a Recent field."""

    key: str
    version: int
    body: Json = field(hash=False)
    position: int = 0


_channels: dict[str, Channel] = {}


def channel(
    name: str,
    *,
    fields: Sequence[Field] = (),
    shows: Sequence[str] = (),
    gather: Gather | None = None,
    recount: Callable[[Connection, date], Mapping[str, Any]] | None = None,
    every_minute: Callable[[], Json] | None = None,
    sample: Sample | None = None,
    redact: Callable[[Json, str], Json] | None = None,
) -> Channel:
    """Declare a channel; done once, at import of the room's board.py.

    name: `[a-z][a-z0-9_-]*`; it is the SSE event's name and the end of `metrics:<name>` in Redis.
    fields: what the channel keeps on the board, which is also what `init` shows.
    shows: counters (of any channel) whose absolute values each event carries.
    gather: how events of one moment are merged; without it each event is sent alone.
    recount: `(connection, day)` to each field's value from Postgres: an int for a counter (minor
        units for money), a list of Item for Recent and Latest.
    every_minute: members for the `clock` event and `init`, computed once a minute per worker.
    sample: what to publish by itself, such as a number kept elsewhere; its members are the
        channel's Values.
    redact: `(object, audience)` to the object without what that audience may not see; given an
        event's data or the whole of `init`.

    Raises ValueError for a name that is taken, reserved or malformed.
    """
    if not NAME.fullmatch(name) or name in RESERVED:
        raise ValueError(f"{name!r} cannot be a channel's name")
    if name in _channels:
        raise ValueError(f"channel {name!r} is declared twice")
    _channels[name] = Channel(
        name,
        fields=tuple(fields),
        shows=tuple(shows),
        gather=gather,
        recount=recount,
        every_minute=every_minute,
        sample=sample,
        redact=redact,
    )
    return _channels[name]


def declared() -> dict[str, Channel]:
    """All channels by name."""
    return _channels


def counters() -> dict[str, Counter]:
    """All counters by name."""
    fields = (each for found in _channels.values() for each in found.fields)
    return {each.name: each for each in fields if isinstance(each, Counter)}


def redact(data: Json, audience: str) -> Json:
    """An event's data or `init`, as an audience may see it."""
    for found in _channels.values():
        if found.redact:
            data = found.redact(data, audience)
    return data
