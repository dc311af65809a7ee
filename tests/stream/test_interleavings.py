"""Whatever the order of events, ticks and cuts: a reader ends with the board, and never goes back.

Two hubs are fed the same events, each at its own pace, with a ring so small that readers fall off.
"""

import json
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from blueprints.stream import board, events, frames, ring
from blueprints.stream.channels import Item
from blueprints.stream.hub import Hub
from tests.sse import Event
from tests.stream.desk import Dashboard

PRODUCTS = st.integers(1, 3).map(str)
HUBS = st.integers(0, 1)
READERS = st.integers(0, 2)
SMALL_RING = 8


class Screen:
    """What one reader shows; it complains when anything it shows goes back."""

    def __init__(self) -> None:
        self.last: str | None = None
        self.versions: dict[str, int] = {}
        self.refused = -1
        self.alerts: dict[str, int] = {}
        self.dashboard: Dashboard | None = None

    def take(self, events: list[Event]) -> None:
        """Show these, as a browser would."""
        for event in events:
            if event.event == "init":
                assert event.data["recovered"] is (self.last is None)
                self._show(event.data["lowStockAlerts"], event.data["alerts"], event.data)
            elif event.id:
                assert self.last is None or number(event.id) == number(self.last) + 1
                alerts = [event.data] if event.event == "alerts" else []
                self._show(event.data.get("products", []), alerts, event.data)
            self.last = event.id or self.last

    def _show(self, products: list[Any], alerts: list[Any], data: dict[str, Any]) -> None:
        for shown, news, value in (
            (self.versions, products, "remaining"),
            (self.alerts, alerts, "kind"),
        ):
            for each in news:
                assert each[value] >= shown.get(each["id"], 0), "a value went back"
                shown[each["id"]] = each[value]
        if "ordersRefusedToday" in data:
            assert data["ordersRefusedToday"] >= self.refused
            self.refused = data["ordersRefusedToday"]


def number(id: str) -> int:
    """The seq in an id."""
    return int(id.partition("-")[2])


class Interleavings(RuleBasedStateMachine):
    """The rules are what may happen next."""

    app: Flask

    def __init__(self) -> None:
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()
        self.log: list[tuple[str, bytes]] = []
        self.products: dict[str, int] = {}
        self.alerts: dict[str, int] = {}
        self.refused = 0
        self.hubs = [Hub(self.app, set) for _ in range(2)]
        for each in self.hubs:
            each.report("redis", None)
            each.begin_at(self.board(), [])
        self.screens = [Screen() for _ in range(3)]

    def teardown(self) -> None:
        """However it went until now: once all is delivered, everybody shows the board."""
        for which, hub in enumerate(self.hubs):
            self.deliver(which, len(self.log))
            hub.flush()
        for which, screen in enumerate(self.screens):
            self.connect(which, 0)
            self.read(which)
            assert screen.versions == self.products
            assert screen.alerts == self.alerts
            assert screen.refused == self.refused
            assert screen.last == f"e-{len(self.log)}"
        self.context.pop()

    @rule(product=PRODUCTS)
    def sell(self, product: str) -> None:
        """A product's next version; what it shows is its version."""
        self.products[product] = self.products.get(product, 0) + 1
        item = {"id": product, "name": product, "lowStock": True}
        item["remaining"] = self.products[product]
        self.publish("inventory", {"product": item, "products": [item]})

    @rule(product=PRODUCTS)
    def refuse(self, product: str) -> None:
        """A counter grows beside an item."""
        self.refused += 1
        self.sell(product)

    @rule(product=PRODUCTS, which=HUBS)
    def burst(self, product: str, which: int) -> None:
        """More at once than the ring holds."""
        for _ in range(SMALL_RING + 3):
            self.sell(product)
        self.deliver(which, len(self.log))

    @rule(alert=PRODUCTS)
    def alert(self, alert: str) -> None:
        """An alert is raised or changes."""
        self.alerts[alert] = self.alerts.get(alert, 0) + 1
        self.publish("alerts", {"id": alert, "kind": self.alerts[alert], "resolvedAt": None})

    @rule(which=HUBS, count=st.integers(1, 6))
    def deliver(self, which: int, count: int) -> None:
        """A worker takes in what comes next."""
        hub = self.hubs[which]
        for event in events.of_board(self.log[hub.seq : hub.seq + count], "e"):
            hub.apply(event)

    @rule(which=HUBS)
    def tick(self, which: int) -> None:
        """A worker lets its readers see what has gathered."""
        self.hubs[which].flush()

    @rule(which=HUBS)
    def heartbeat(self, which: int) -> None:
        """A frame without an id."""
        self.hubs[which].heartbeat()

    @rule(which=HUBS, kept=st.integers(0, 5))
    def lose_touch(self, which: int, kept: int) -> None:
        """A worker missed too much, and begins anew at the board with the end of the log."""
        self.hubs[which].begin_at(self.board(), self.log[max(0, len(self.log) - kept) :])

    @rule(which=READERS, at=HUBS)
    def connect(self, which: int, at: int) -> None:
        """A reader comes, or comes back to either worker; one that is behind catches up first."""
        screen, hub = self.screens[which], self.hubs[at]
        if screen.last:
            self.deliver(at, max(0, number(screen.last) - hub.seq))
        screen.dashboard = Dashboard(hub, screen.last)
        screen.take(screen.dashboard.beginning)

    @precondition(lambda self: any(screen.dashboard for screen in self.screens))
    @rule(which=READERS)
    def read(self, which: int) -> None:
        """A reader takes what there is for it."""
        screen = self.screens[which]
        if screen.dashboard:
            screen.take(screen.dashboard.read())

    @invariant()
    def the_ring_is_bounded(self) -> None:
        """However much happens."""
        assert all(hub.ring.depth <= SMALL_RING for hub in self.hubs)

    def publish(self, channel: str, data: dict[str, Any]) -> None:
        """What the board's script would put into the log."""
        id = f"e-{len(self.log) + 1}"
        members = {"timestamp": 1, **data, "ordersRefusedToday": self.refused}
        if channel == "alerts":
            del members["ordersRefusedToday"]
        text = b'{"eventId":"%s",' % id.encode() + frames.to_json(members)[1:]
        self.log.append((channel, text))

    def board(self) -> board.Board:
        """The board as it is in Redis."""
        found: dict[str, dict[str, Item]] = {"lowStockAlerts": {}, "alerts": {}}
        for channel, text in self.log:
            data = json.loads(text)
            name = "alerts" if channel == "alerts" else "lowStockAlerts"
            item = data if channel == "alerts" else data["product"]
            found[name][item["id"]] = Item(item["id"], 1, item)
        return board.Board(
            epoch="e",
            seq=len(self.log),
            day=date(2026, 1, 1),
            server="s",
            counters={"ordersRefusedToday": self.refused},
            values={},
            items=found,
            order={},
        )


@pytest.mark.parametrize("pieces", [1, 256 * 1024], ids=["read in pieces", "read at once"])
def test_any_interleaving(migrated_app, monkeypatch, pieces):
    monkeypatch.setattr(ring, "MAX_FRAMES", SMALL_RING)
    monkeypatch.setattr(ring, "MAX_READ_BYTES", pieces)
    machine: Any = type("Machine", (Interleavings,), {"app": migrated_app})
    machine.TestCase.settings = settings(
        max_examples=120,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine.TestCase("runTest").runTest()
