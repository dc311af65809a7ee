"""A dashboard of the tests that is cut again and again, and checks what it is told."""

import random
import threading
from collections.abc import Sequence
from typing import Any

from tests.sse import Ended, Event, Stream
from tests.stream.shop import Shop, Site

READ_SECONDS = 40


class Cut(Exception):
    """The link is gone."""


class CutStream(Stream):
    """A stream that is cut once a number of bytes have come, wherever in a frame that is."""

    bytes_left = 1 << 60

    def _receive(self, deadline: float) -> None:
        if self.bytes_left <= 0:
            raise Cut
        before = len(self._raw)
        super()._receive(deadline)
        received = len(self._raw) - before
        if received > self.bytes_left:
            self._raw = self._raw[: before + self.bytes_left]
        self.bytes_left -= received


class Checked(threading.Thread):
    """Reads, is cut, comes back with its last id, now at one site and now at the other."""

    def __init__(
        self,
        shop: Shop,
        sites: Sequence[Site],
        *,
        seed: int,
        cut_after: tuple[int, int],
        channels: str | None = None,
    ) -> None:
        super().__init__(daemon=True)
        self._shop = shop
        self._sites = sites
        self._random = random.Random(seed)
        self._cut_after = cut_after
        self._channels = channels
        self._last: str | None = None
        self._until: str | None = None
        self._error: BaseException | None = None
        self._ready = threading.Event()
        self.cuts = 0
        self.inits = 0
        self.ids: list[str] = []
        self.alerts: set[str] = set()
        self.board: dict[str, Any] = {"products": {}}

    def start(self) -> None:
        """Start, and wait for the first `init`."""
        super().start()
        assert self._ready.wait(READ_SECONDS), self._error

    def read_until(self, last: str) -> None:
        """Wait until the event with this id has been read. Raises what went wrong meanwhile."""
        self._until = last
        self.join(READ_SECONDS)
        if self._error:
            raise self._error
        assert not self.is_alive(), f"{last} never came; the last was {self._last}"

    def run(self) -> None:
        try:
            while self._until is None or self._until not in self.ids:
                self._once()
        except BaseException as error:
            self._error = error

    def _once(self) -> None:
        site = self._sites[self._random.randrange(len(self._sites))]
        stream = CutStream(
            f"{site.url}/api/stream/metrics",
            self._shop.token,
            last_event_id=self._last,
            channels=self._channels,
        )
        assert stream.status == 200
        with stream:
            if self._last is not None:
                stream.bytes_left = self._random.randint(*self._cut_after)
            try:
                while self._until is None or self._until not in self.ids:
                    self._take(stream.next())
            except (Cut, Ended):
                self.cuts += 1
            # The browser's rule: an id counts only once its event is whole.
            self._last = self.ids[-1] if self.ids else self._last

    def _take(self, event: Event) -> None:
        if event.event == "init":
            self.inits += 1
            self.board.update(event.data)
            self._last = event.id
            self._ready.set()
            raise Cut
        if event.id is None:
            return
        self.ids.append(event.id)
        data = event.data
        for name in ("ordersToday", "revenueToday"):
            if name in data:
                self.board[name] = data[name]
        if event.event == "alerts":
            self.alerts.add(data["id"])
        if event.event == "inventory":
            for product in data["products"]:
                self.board["products"][product["id"]] = product
        if event.event == "orders":
            known = {each["id"]: each for each in self.board["recentOrders"]}
            known |= {each["id"]: each for each in data["orders"]}
            newest = sorted(known.values(), key=lambda each: -int(each["id"]))
            self.board["recentOrders"] = newest[:10]
