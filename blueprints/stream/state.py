"""The board in a worker's memory: built from Redis, then changed by each event that follows."""

import bisect
import heapq
from typing import Any

import shop
from blueprints.stream import channels
from blueprints.stream.board import Board
from blueprints.stream.channels import Channel, Counter, Json, Latest, Recent, Value


class State:
    """What `init` shows, in its wire form: money in major units, items as JSON objects."""

    def __init__(self, board: Board) -> None:
        self.day = board.day
        self._scalars: Json = {}
        self._items: dict[str, dict[str, Json]] = {}
        self._order: dict[str, list[str]] = dict(board.order)
        for channel in channels.declared().values():
            for field in channel.fields:
                self._take(field, board)

    def _take(self, field: channels.Field, board: Board) -> None:
        if isinstance(field, Counter):
            count = board.counters.get(field.name, 0)
            self._scalars[field.name] = shop.amount(count) if field.money else count
        elif isinstance(field, Value):
            self._scalars[field.name] = board.values.get(field.name, field.default)
        else:
            found = board.items.get(field.name, {})
            self._items[field.name] = {key: item.body for key, item in found.items()}

    def fold(self, channel: Channel, data: Json, *, raw: bool = False) -> None:
        """Take in an event that the board has published; all its values are absolute.

        A raw one was published as it is: it sets the channel's Values and has no items.
        """
        for name in (*channel.shows, *channel.values):
            if name in data:
                self._scalars[name] = data[name]
        field = channel.item_field
        if field and not raw:
            for item in self._items_of(channel, data):
                self._keep(field, item)

    def _items_of(self, channel: Channel, data: Json) -> list[Json]:
        """The event's items, oldest first."""
        if channel.gather:
            return list(reversed(data[channel.gather.into]))
        beside = {"eventId", "timestamp", *channel.shows}
        return [{name: value for name, value in data.items() if name not in beside}]

    def _keep(self, field: Recent | Latest, item: Json) -> None:
        key = str(item["id"])
        items = self._items[field.name]
        items[key] = item
        if isinstance(field, Latest):
            return
        order = self._order.setdefault(field.name, [])
        if key not in order:
            # Newest first; ids of recent items grow, and two may be published the other way round.
            bisect.insort(order, key, key=lambda each: -int(each))
        while len(order) > field.size:
            items.pop(order.pop(), None)

    def snapshot(self) -> Json:
        """A copy of all that the board shows."""
        shown: dict[str, Any] = dict(self._scalars)
        for channel in channels.declared().values():
            field = channel.item_field
            if isinstance(field, Recent):
                items = self._items[field.name]
                shown[field.name] = [
                    items[key] for key in self._order.get(field.name, ()) if key in items
                ]
            elif field:
                items = self._items[field.name]
                first = heapq.nsmallest(field.least, items.values(), key=field.order)
                picked = [item for item in items.values() if field.show(item)]
                both = {item["id"]: item for item in (*first, *picked)}
                ranked = sorted(both.values(), key=field.order)
                beyond = [item for item in ranked[field.limit :] if field.always(item)]
                shown[field.name] = ranked[: field.limit] + beyond
        return shown
