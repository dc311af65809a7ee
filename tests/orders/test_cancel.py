"""POST /api/orders/<id>/cancel: the stock is back, and the day it was placed counts it no more."""

from datetime import UTC, datetime, timedelta

import pytest

import shop
from tests.till import Till


def test_it_returns_the_stock_and_takes_the_order_off_the_day(till: Till) -> None:
    mug, cap = till.product(price=2), till.product(price=1)
    till.placed((mug, 1))
    order = till.placed((mug, 4), (cap, 2))

    answer = till.cancel(order)

    assert answer.status_code == 200
    assert (answer.json["id"], answer.json["status"]) == (order, "cancelled")  # type: ignore[index]
    assert [till.remaining(mug), till.remaining(cap)] == [99, 100]
    board = till.board()
    assert (board["ordersToday"], board["revenueToday"]) == (1, 2)
    assert [each["status"] for each in board["recentOrders"]] == ["cancelled", "placed"]


def test_it_is_announced_as_cancelled_refunded_and_in_stock(till: Till) -> None:
    mug = till.product(price=2.5)
    order = till.placed((mug, 2))
    till.events()

    till.cancel(order)

    events = {event.channel: event.data for event in till.events()}
    assert events.keys() == {"orders", "revenue", "inventory"}
    assert events["orders"]["type"] == "order_cancelled"
    assert events["orders"]["order"]["status"] == "cancelled"
    assert events["orders"]["ordersToday"] == 0
    refund = events["revenue"]
    assert (refund["type"], refund["amount"], refund["revenueToday"]) == ("refund", -5, 0)
    assert events["inventory"]["product"]["remaining"] == 100


def test_twice_is_the_same_as_once(till: Till) -> None:
    mug = till.product()
    order = till.placed((mug, 4))
    till.cancel(order)
    till.events()

    again = till.cancel(order)

    assert again.status_code == 200
    assert again.json["status"] == "cancelled"  # type: ignore[index]
    assert till.remaining(mug) == 100
    assert till.events() == []
    assert till.board()["ordersToday"] == 0


def test_after_midnight_the_day_it_was_placed_changes_and_today_does_not(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = datetime(2031, 5, 6, 23, 59, 58, tzinfo=UTC)
    monkeypatch.setattr(shop, "now", lambda: evening)
    mug = till.product(price=2)
    yesterdays, kept = till.placed((mug, 3)), till.placed((mug, 1))
    assert till.board()["ordersToday"] == 2

    monkeypatch.setattr(shop, "now", lambda: evening + timedelta(seconds=4))
    todays = till.placed((mug, 5))
    assert till.board()["day"] == "2031-05-07"
    till.cancel(yesterdays)

    board = till.board()
    assert (board["ordersToday"], board["revenueToday"]) == (1, 10)
    assert [each["id"] for each in board["recentOrders"]] == [todays, kept, yesterdays]
    assert board["recentOrders"][-1]["status"] == "cancelled"
    assert till.remaining(mug) == 94
    monkeypatch.setattr(shop, "now", lambda: evening + timedelta(days=1, seconds=1))
    compare = till.get("/api/metrics")["compare"]
    assert (compare["orders"], compare["revenue"]) == (1, 2)


def test_no_such_order(till: Till) -> None:
    assert till.cancel("999999").status_code == 404
    assert till.cancel("x").status_code == 404


def test_a_product_back_over_its_threshold_is_no_longer_low(till: Till) -> None:
    mug = till.product(remaining=10, threshold=10)
    order = till.placed((mug, 9))
    assert [low["remaining"] for low in till.board()["lowStockAlerts"]] == [1]

    till.cancel(order)

    board = till.board()
    assert [low["lowStock"] for low in board["lowStockAlerts"]] == [False]
    assert board["alerts"][0]["resolvedAt"]
