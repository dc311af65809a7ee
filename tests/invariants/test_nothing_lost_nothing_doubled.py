"""Invariant 1: orders = stock gone = orders counted = revenue counted, to the unit.

A shop is run at random, its Redis lost now and then, its midnight passed; a few integers in this
process say what has to be true.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

import shop
from blueprints.inventory import service as inventory
from blueprints.orders import service as orders
from blueprints.stream import board, relay
from extensions import db, redis

DIGITS = {"JPY": 0, "USD": 2, "KWD": 3}
PRICES = [1, 999, 1005, 10**12 + 1]  # minor units
BEGIN = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ONE = st.integers(0, len(PRICES) - 1)
UNITS = st.integers(1, 6)


class Shop(RuleBasedStateMachine):
    """A shop of four products."""

    app: Flask
    patch: pytest.MonkeyPatch

    @initialize()
    def open(self) -> None:
        """New products, and a model of them."""
        self.now = BEGIN
        self.patch.setattr(shop, "now", lambda: self.now)
        self.placed: dict[int, tuple[Any, int, Counter[int]]] = {}
        self.cancelled: set[int] = set()
        self.refused: Counter[Any] = Counter()
        self.paused: set[int] = set()
        redis.commands.flushdb()
        with self.app.app_context():
            tables = reversed(db.metadata.sorted_tables)
            db.session.execute(text(";".join(f'DELETE FROM "{each.name}"' for each in tables)))
            db.session.commit()
            self.products = [
                inventory.add(sku=f"P{price}", name="P", price=price, stock=12, threshold=5).id
                for price in PRICES
            ]
        self.stock = dict.fromkeys(self.products, 12)

    @rule(lines=st.lists(st.tuples(ONE, UNITS), min_size=1, max_size=4))
    def order(self, lines: list[tuple[int, int]]) -> None:
        """Somebody orders: it is served as a whole, or not at all."""
        wanted = [orders.Wanted(self.products[one], None, units) for one, units in lines]
        units: Counter[int] = Counter()
        for each in wanted:
            units[each.product_id or 0] += each.units
        possible = not self.paused & units.keys() and all(
            self.stock[id] >= count for id, count in units.items()
        )
        with self.app.app_context():
            try:
                order = orders.place("Ada", wanted)
            except inventory.OutOfStock:
                assert not possible
                self.refused[shop.today()] += 1
                return
            assert possible
            assert order.total == sum(
                PRICES[self.products.index(id)] * count for id, count in units.items()
            )
            self.placed[order.id] = (shop.today(), order.total, units)
        for id, count in units.items():
            self.stock[id] -= count

    @rule(which=st.integers(0, 50))
    def cancel(self, which: int) -> None:
        """An order is cancelled, or cancelled again."""
        if not self.placed:
            return
        id = sorted(self.placed)[which % len(self.placed)]
        with self.app.app_context():
            orders.cancel(id)
        if id not in self.cancelled:
            self.cancelled.add(id)
            for product, count in self.placed[id][2].items():
                self.stock[product] += count

    @rule(one=ONE, units=UNITS)
    def restock(self, one: int, units: int) -> None:
        """Goods come in."""
        with self.app.app_context():
            inventory.restock(self.products[one], units)
        self.stock[self.products[one]] += units

    @rule(one=ONE, paused=st.booleans())
    def pause(self, one: int, paused: bool) -> None:
        """A sale is stopped, or goes on."""
        with self.app.app_context():
            inventory.set_paused(paused, "olivia", [self.products[one]])
        (self.paused.add if paused else self.paused.discard)(self.products[one])

    @rule(hours=st.sampled_from([1, 13]))
    def time_passes(self, hours: int) -> None:
        """Perhaps over midnight."""
        self.now += timedelta(hours=hours)

    @rule()
    def lose_redis(self) -> None:
        """All of it, at any moment."""
        redis.commands.flushdb()

    @rule(key=st.sampled_from([board.BOARD, board.LOG, board.WAITING, f"{board.APPLIED}*"]))
    def lose_a_key(self, key: str) -> None:
        """A full Redis evicts one."""
        for found in redis.commands.scan_iter(key):
            redis.commands.delete(found)

    @rule()
    def publish(self) -> None:
        """The relay has its turn."""
        with self.app.app_context():
            relay.drain()

    @rule()
    def look(self) -> None:
        """The board says what is true."""
        with self.app.app_context():
            relay.drain()
            if board.read().day < shop.today():
                board.rebuild(board.read().epoch, "midnight")
            shown = board.read()
            assert board.differences() == []
            kept = {id: each for id, each in self.placed.items() if id not in self.cancelled}
            of_today = [total for day, total, _ in kept.values() if day == shop.today()]
            assert shown.counters["ordersToday"] == len(of_today)
            assert shown.counters["revenueToday"] == sum(of_today)
            assert shown.counters["ordersRefusedToday"] == self.refused[shop.today()]
            assert shown.order["recentOrders"] == [
                str(id) for id in sorted(self.placed, reverse=True)[:10]
            ]
            low = {
                int(key): item.body["remaining"]
                for key, item in shown.items.get("lowStockAlerts", {}).items()
                if item.body["lowStock"]
            }
            assert low == {id: stock for id, stock in self.stock.items() if stock < 5}
            rows = db.session.execute(text("SELECT id, stock FROM products"))
            assert {row.id: row.stock for row in rows} == self.stock


@pytest.mark.parametrize("currency", DIGITS)
def test_a_shop_run_at_random_adds_up(
    app: Flask, monkeypatch: pytest.MonkeyPatch, currency: str
) -> None:
    other = app.config["SETTINGS"].model_copy(update={"shop_currency": currency})
    assert other.currency_exponent == DIGITS[currency]
    monkeypatch.setitem(app.config, "SETTINGS", other)
    run_state_machine_as_test(
        type("OnThisApp", (Shop,), {"app": app, "patch": monkeypatch}),
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
