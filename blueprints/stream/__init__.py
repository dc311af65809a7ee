"""The engine: one order in, every open dashboard right within milliseconds.

A room declares a channel, then records events in its transactions, or publishes without one.
"""

from blueprints.stream.channels import (
    Counter,
    Gather,
    Item,
    Latest,
    Recent,
    Sample,
    Value,
    channel,
)
from blueprints.stream.outbox import record, write_along
from blueprints.stream.publisher import publish
from blueprints.stream.repair import BoardLost, differences, rebuild
from blueprints.stream.routes import bp, feed_down, snapshot, start

__all__ = [
    "BoardLost",
    "Counter",
    "Gather",
    "Item",
    "Latest",
    "Recent",
    "Sample",
    "Value",
    "bp",
    "channel",
    "differences",
    "feed_down",
    "publish",
    "rebuild",
    "record",
    "snapshot",
    "start",
    "write_along",
]
