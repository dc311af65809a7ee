"""What was asked for in vain is counted: per product and day, and as refused orders."""

from datetime import UTC, datetime, timedelta

import pytest

import shop
from tests.till import Till


def test_units_and_orders_refused_are_counted(till: Till) -> None:
    mug, cap, hat = till.product(remaining=1), till.product(), till.product(remaining=0)

    till.order((mug, 3), (cap, 5))
    till.order((mug, 2), (hat, 4))

    assert [till.get(f"/api/products/{id}")["refused"] for id in (mug, cap, hat)] == [5, 0, 4]
    assert till.board()["ordersRefusedToday"] == 2


def test_a_refusal_is_announced(till: Till) -> None:
    mug = till.product(remaining=1)
    till.events()

    till.order((mug, 3))

    (event,) = till.events()
    assert (event.channel, event.data["ordersRefusedToday"]) == ("inventory", 1)
    assert (event.data["product"]["refused"], event.data["product"]["remaining"]) == (3, 1)


def test_a_new_day_begins_at_nothing(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    evening = datetime(2031, 5, 6, 23, 59, 58, tzinfo=UTC)
    monkeypatch.setattr(shop, "now", lambda: evening)
    mug = till.product(remaining=1)
    till.order((mug, 3))
    assert till.board()["ordersRefusedToday"] == 1

    monkeypatch.setattr(shop, "now", lambda: evening + timedelta(seconds=4))

    assert till.get(f"/api/products/{mug}")["refused"] == 0
    assert till.board()["ordersRefusedToday"] == 0
    till.order((mug, 2))
    assert till.get(f"/api/products/{mug}")["refused"] == 2


def test_an_order_for_what_does_not_exist_counts_as_nothing(till: Till) -> None:
    till.order(("999999", 3))

    assert till.board()["ordersRefusedToday"] == 0
