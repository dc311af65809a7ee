"""Publish an event now, without a transaction: for what is not a row in Postgres."""

from typing import Any

from blueprints.stream import board
from blueprints.stream.channels import NAME, RESERVED


def publish(channel: str, data: dict[str, Any]) -> str:
    """Send an object to every open dashboard as an event of a channel; its id.

    Members that the channel declares as a Value are kept on the board and shown by `init`.

    Raises ValueError for a name that cannot be an event's or for NaN, redis.RedisError when Redis
    is away: then nothing was sent.
    """
    if not NAME.fullmatch(channel) or channel in RESERVED:
        raise ValueError(f"{channel!r} cannot be a channel's name")
    event = board.raw_event(channel, data)
    return board.mended(lambda: board.apply([event])).ids[0]
