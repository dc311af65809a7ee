"""A live shop of two workers, someone who buys on and on, and dashboards that look."""

import http.client
import json
import re
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from tests.live import Answer, Live
from tests.servers import Servers
from tests.sse import Event, Stream, connect

SCOPES = ("stream:read", "orders:write", "products:write", "ops:read")
PRICE = 2.5
PATIENCE_SECONDS = 30.0


class Shop:
    """Everything under one name; `placed` counts the orders that were acknowledged."""

    def __init__(self, servers: Servers, directory: Path, settings: Mapping[str, str]) -> None:
        self.servers = servers
        self.settings = dict(settings)
        scopes = [part for scope in SCOPES for part in ("--scope", scope)]
        self.token = self.flask("tokens", "create", "till", *scopes).splitlines()[-1]
        self.site = Live(directory, {**self.settings, **servers.environment}, workers=2)
        self.redis = redis.Redis.from_url(servers.redis.url, socket_timeout=5)
        self.placed = 0
        answer = self.post("/api/products", {"sku": "MUG", "name": "Mug", "price": PRICE,
                                             "remaining": 1_000_000})  # fmt: skip
        self.product = str(answer.json["id"])

    def flask(self, *command: str) -> str:
        """What a flask command prints."""
        return self.servers.flask(*command, **self.settings)

    def post(self, path: str, body: Any = None) -> Answer:
        """A POST on a connection of its own."""
        return self.site.post(path, body, token=self.token)

    def order(self, key: str | None = None) -> Answer:
        """An order for one mug."""
        return self.site.post(
            "/api/orders",
            {"customer": "Ada", "items": [{"productId": self.product, "quantity": 1}]},
            token=self.token,
            headers={"Idempotency-Key": key} if key else {},
        )

    def dashboard(self, last_event_id: str | None = None) -> Stream:
        """A stream that has begun."""
        stream = connect(self.site.url, self.token, last_event_id=last_event_id)
        assert stream.status == 200, stream.body(2)
        return stream

    def look(self) -> dict[str, Any]:
        """GET /api/metrics, of whichever worker answers."""
        found: dict[str, Any] = self.site.get("/api/metrics", token=self.token).json
        return found

    def await_outbox(self, wanted: Callable[[float], bool]) -> None:
        """Until the gauge of unpublished events says so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            text = self.site.get("/metrics", token=self.token).body.decode()
            found = re.search(r"^flashboard_outbox_depth(?:{.*})? (\S+)$", text, re.MULTILINE)
            if found and wanted(float(found[1])):
                return
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    def await_both_say(self, live: bool) -> None:
        """Until either worker, asked often enough to be likely to have answered, says so.

        While Postgres is away a worker that has not met our token yet cannot let us in.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        in_a_row = 0
        while in_a_row < 5:
            assert time.monotonic() < deadline, f"not all say live: {live}"
            found = self.look().get("live")
            if found is not None:
                in_a_row = in_a_row + 1 if found is live else 0

    def late_dashboard(self) -> Stream:
        """A stream that begins while Postgres is away, at a worker that has met our token."""
        while True:
            stream = connect(self.site.url, self.token)
            if stream.status == 200:
                return stream
            assert stream.status == 503, stream.body(2)
            stream.close()

    @contextmanager
    def sale(self, buyers: int = 3) -> Iterator["Sale"]:
        """People who buy until the block is over."""
        sale = Sale(self, buyers)
        try:
            yield sale
        finally:
            self.placed += sale.stop()

    @contextmanager
    def keyed_sale(self, buyers: int = 3) -> Iterator["Sale"]:
        """The same, of people who ask again by their key where they had no answer."""
        sale = Sale(self, buyers, again=True)
        try:
            yield sale
        finally:
            self.placed += sale.stop()

    def everyone_is_right(self, dashboards: list[Stream]) -> None:
        """Until all show what was sold: the dashboards, both workers, and Redis with Postgres."""
        for stream in dashboards:
            stream.until(
                lambda event: event.data.get("ordersToday") == self.placed, PATIENCE_SECONDS
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        for _ in range(8):  # Enough that either worker is likely to have answered.
            while not ((shown := self.look())["ordersToday"] == self.placed and shown["live"]):
                assert time.monotonic() < deadline, (shown["ordersToday"], self.placed)
                time.sleep(0.02)
            assert shown["revenueToday"] == self.placed * PRICE
        remaining = self.site.get(f"/api/products/{self.product}", token=self.token)
        assert remaining.json["remaining"] == 1_000_000 - self.placed
        assert "agree" in self.flask("counters", "verify")

    def close(self) -> None:
        """End it; what broke may have been logged."""
        self.redis.close()
        self.site.stop(tolerate=("Traceback (most recent call last)", "SIGKILL"))


class Sale:
    """Buyers, each on a kept connection."""

    def __init__(self, shop: Shop, buyers: int, *, again: bool = False) -> None:
        self._shop = shop
        self._again = again
        self._stopping = threading.Event()
        self._local = threading.local()
        self.statuses: list[int] = []
        self.seconds: list[float] = []
        self._threads = [threading.Thread(target=self._buy, daemon=True) for _ in range(buyers)]
        for thread in self._threads:
            thread.start()

    def await_orders(self, count: int) -> "list[float]":
        """How long each of the next so many answers took."""
        begun = len(self.seconds)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.seconds) < begun + count:
            assert time.monotonic() < deadline, "nobody can buy"
            time.sleep(0.01)
        return self.seconds[begun : begun + count]

    def stop(self) -> int:
        """End it; how many orders were taken."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        return self.statuses.count(201)

    def _buy(self) -> None:
        body = json.dumps(
            {"customer": "Ada", "items": [{"productId": self._shop.product, "quantity": 1}]}
        )
        headers = {
            "Authorization": f"Bearer {self._shop.token}",
            "Content-Type": "application/json",
        }
        while not self._stopping.is_set():
            started = time.monotonic()
            status = self._answered(body, headers | {"Idempotency-Key": secrets.token_hex(8)})
            self.seconds.append(time.monotonic() - started)
            self.statuses.append(status)
        self._kept().close()

    def _answered(self, body: str, headers: dict[str, str]) -> int:
        """The status of an order; of its last attempt, where it is tried again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            link = self._kept()
            try:
                link.request("POST", "/api/orders", body, headers)
                answer = link.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                link.close()
                if not self._again or time.monotonic() > deadline:
                    raise
                continue
            if not self._again or answer.status != 503 or time.monotonic() > deadline:
                return answer.status

    def _kept(self) -> http.client.HTTPConnection:
        """This thread's connection, which is opened again by itself once it was closed."""
        if not hasattr(self._local, "link"):
            self._local.link = http.client.HTTPConnection(
                "127.0.0.1", self._shop.site.port, timeout=20
            )
        link: http.client.HTTPConnection = self._local.link
        return link


def says_live(live: bool) -> Callable[[Event], bool]:
    """Whether an event says that the feed is up, or down: an `init` that overtakes says it, too."""
    return lambda event: event.event in ("status", "init") and event.data["live"] is live


def median(seconds: list[float]) -> float:
    """The median, in seconds."""
    return statistics.median(seconds)
