"""The text of events: what the board numbered and published, and what another program did.

Texts are kept as they are on the way to a dashboard: parsed once, to change the worker's copy of
the board, and never written anew.
"""

import json
import re
from typing import NamedTuple

import structlog

from blueprints.stream import channels, frames
from blueprints.stream.channels import Json
from blueprints.stream.ring import Frame

log = structlog.get_logger(__name__)

MAX_BYTES = 64 * 1024
# How an event that the board published begins; whatever else is published is another program's.
_NUMBERED = re.compile(rb'{"eventId":"([0-9a-f]+)-([0-9]+)",("raw":true,)?(?="timestamp":[0-9])')


class NotAnEvent(Exception):
    """What another program published can be nobody's event; says why, in one word."""


class Event(NamedTuple):
    """An event of the board. A raw one was published as it is, and not by a room's transaction."""

    channel: str
    epoch: str
    seq: int
    raw: bool
    text: bytes


def numbered(channel: str, text: bytes) -> Event | None:
    """The event in a text, if the board wrote it."""
    match = _NUMBERED.match(text)
    if match is None:
        return None
    return Event(channel, match[1].decode(), int(match[2]), bool(match[3]), text)


def of_board(logged: list[tuple[str, bytes]], epoch: str) -> list[Event]:
    """Events of the log, oldest first, but for those of another board than this one."""
    found = (numbered(channel, text) for channel, text in logged)
    return [event for event in found if event and event.epoch == epoch]


def leading_to(logged: list[tuple[str, bytes]], epoch: str, seq: int) -> list[Event]:
    """The end of the log: the events up to `seq`, as far back as none is missing."""
    found: list[Event] = []
    for event in reversed(of_board(logged, epoch)):
        if event.seq == seq - len(found):
            found.append(event)
    return found[::-1]


def frame(event: Event) -> Frame:
    """An event as a dashboard is sent it: the id on a line of its own, the data as published."""
    data = b"{" + event.text[event.text.index(b'"timestamp"') :]
    wire = frames.encode(event.channel, data, f"{event.epoch}-{event.seq}")
    return Frame(wire, event.channel, event.seq, numbered=True)


def foreign(channel: str, text: bytes) -> Json:
    """The object in another program's message. Raises NotAnEvent."""
    if not channels.NAME.fullmatch(channel) or channel in channels.RESERVED:
        raise NotAnEvent("name")
    if len(text) > MAX_BYTES:
        raise NotAnEvent("size")
    try:
        data = json.loads(text, parse_constant=_no_constant)
        # Half a surrogate pair and 1e999 can be read, but not written.
        frames.to_json({"": data})
    except (ValueError, RecursionError):
        raise NotAnEvent("json") from None
    if not isinstance(data, dict):
        raise NotAnEvent("object")
    return data


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def redact(wire: bytes, audience: str) -> bytes:
    """A frame as an audience may see it; nothing where that cannot be said."""
    head, _, data = wire.partition(b"data: ")
    try:
        shown = channels.redact(json.loads(data), audience)
    except Exception:
        log.exception("frame withheld", audience=audience)
        return b""
    return head + b"data: " + frames.to_json(shown) + b"\n\n"
