"""A running sale to break things under: buyers who try again, dashboards that reconnect."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.live import Live
from tests.sse import Ended, Event, Stream, connect

GIVE_UP_SECONDS = 60
PRICE_CENTS = 1999


class Buyer(threading.Thread):
    """Places orders one after another; an answer that was lost is asked for again by its key."""

    def __init__(self, site: Live, token: str, product: str, keys: list[str]) -> None:
        super().__init__(daemon=True)
        self._site = site
        self._token = token
        self._product = product
        self._keys = keys
        self.acknowledged: dict[str, str] = {}
        self.unavailable = 0
        self.unexpected: list[str] = []

    def run(self) -> None:
        for key in self._keys:
            self._buy(key)

    def _buy(self, key: str) -> None:
        body = {"customer": "Ada Lovelace", "items": [{"productId": self._product, "quantity": 1}]}
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = self._site.post(
                    "/api/orders", body, token=self._token, headers={"Idempotency-Key": key}
                )
            except (OSError, HTTPException):
                time.sleep(0.05)  # The server is away: nothing to wait for but time.
                continue
            if answer.status == 201:
                self.acknowledged[key] = answer.json["id"]
                return
            if answer.status != 503:
                self.unexpected.append(f"{answer.status} {answer.body[:300]!r}")
                return
            assert answer.headers["Retry-After"]
            self.unavailable += 1
            time.sleep(0.1)


class Dashboard(threading.Thread):
    """Reads the stream for ever, comes back by itself, and checks what it is told as it comes."""

    def __init__(self, site: Live, token: str) -> None:
        super().__init__(daemon=True)
        self._site = site
        self._token = token
        self._last_id: str | None = None
        self._stopping = threading.Event()
        self.orders = 0
        self.revenue_cents = 0
        self.statuses: list[bool] = []
        self.doubled: list[str] = []
        self.lost: list[str] = []
        self.went_back: list[str] = []
        self.connections = 0

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read_one_connection()
            except (Ended, OSError, ValueError):
                self._stopping.wait(random.uniform(0.05, 0.15))

    def stop(self) -> None:
        self._stopping.set()

    def _read_one_connection(self) -> None:
        stream: Stream = connect(
            self._site.url, self._token, last_event_id=self._last_id, timeout=20
        )
        with stream:
            if stream.status != 200:
                raise Ended
            self.connections += 1
            while not self._stopping.is_set():
                self._take(stream.next())

    def _take(self, event: Event) -> None:
        if event.event == "status":
            self.statuses.append(event.data["live"])
        if event.id is not None:
            self._check_order(event)
            self._last_id = event.id
        if "ordersToday" in event.data:
            if event.data["ordersToday"] < self.orders:  # Nobody cancels here.
                self.went_back.append(f"{self.orders} then {event.data['ordersToday']}")
            self.orders = event.data["ordersToday"]
            self.revenue_cents = round(event.data["revenueToday"] * 100)

    def _check_order(self, event: Event) -> None:
        """The sequence is dense: an id twice is an event doubled, a hole is one lost."""
        if event.event == "init" or self._last_id is None:
            return
        epoch, seq = str(event.id).split("-")
        last_epoch, last_seq = self._last_id.split("-")
        if epoch != last_epoch or int(seq) > int(last_seq) + 1:
            self.lost.append(f"{self._last_id} then {event.id}")
        elif int(seq) <= int(last_seq):
            self.doubled.append(f"{self._last_id} then {event.id}")


@dataclass
class Sale:
    """Buyers and dashboards at one site."""

    site: Live
    token: str
    orders: int = 1_000
    stock: int = 100_000
    buyers: list[Buyer] = field(default_factory=list)
    dashboards: list[Dashboard] = field(default_factory=list)

    def start(self, buyers: int = 6, dashboards: int = 6) -> None:
        """Open the shop."""
        answer = self.site.post(
            "/api/products",
            {"sku": "HOT", "name": "Hot", "price": PRICE_CENTS / 100, "remaining": self.stock},
            token=self.token,
        )
        assert answer.status == 201, answer.body
        product = answer.json["id"]
        keys = [f"order-{number}" for number in range(self.orders)]
        self.dashboards = [Dashboard(self.site, self.token) for _ in range(dashboards)]
        self.buyers = [
            Buyer(self.site, self.token, product, keys[number::buyers]) for number in range(buyers)
        ]
        for each in [*self.dashboards, *self.buyers]:
            each.start()

    @property
    def acknowledged(self) -> int:
        """Orders that were answered with 201 so far."""
        return sum(len(each.acknowledged) for each in self.buyers)

    def await_acknowledged(self, orders: int) -> None:
        """Until so many orders are placed."""
        self._await(lambda: self.acknowledged >= orders, "the buyers")

    def finish(self) -> None:
        """Until every buyer is done."""
        for each in self.buyers:
            each.join(GIVE_UP_SECONDS * 2)
            assert not each.is_alive()

    def seconds_until_right(self) -> float:
        """Until an order is placed again, if any is left, and every dashboard shows it."""
        placed, begun = min(self.acknowledged + 1, self.orders), time.monotonic()
        self.await_acknowledged(placed)
        self._await(
            lambda: all(each.orders >= placed for each in self.dashboards), "the dashboards"
        )
        return time.monotonic() - begun

    def _await(self, reached: Callable[[], bool], whom: str) -> None:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while not reached():
            assert time.monotonic() < deadline, f"{whom} did not get there"
            time.sleep(0.01)
