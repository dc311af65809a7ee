"""POST /api/orders: stock goes down, money is counted, or nothing happens at all."""

from datetime import timedelta

import pytest
from sqlalchemy import event

import shop
from blueprints.inventory.models import Product
from extensions import db
from tests.till import Till


def test_an_order_is_answered_with_its_lines_at_the_catalogues_prices(till: Till) -> None:
    mug, cap = till.product(price=12.5), till.product(price=0.1)

    answer = till.order((cap, 3), (mug, 2), customer="  Grace Hopper ")

    assert answer.status_code == 201
    order = answer.json
    assert order
    assert answer.headers["Location"] == f"/api/orders/{order['id']}"
    assert (order["customer"], order["total"], order["items"]) == ("Grace Hopper", 25.3, 5)
    assert order["status"] == "placed"
    assert order["createdAt"].endswith("Z")
    lines = [(line["productId"], line["quantity"], line["total"]) for line in order["lines"]]
    assert lines == [(mug, 2, 25), (cap, 3, 0.3)]


def test_it_takes_the_stock_and_counts_on_the_board(till: Till) -> None:
    mug = till.product(remaining=10, price=2.5, threshold=9)
    till.order((mug, 3))

    board = till.board()

    assert till.remaining(mug) == 7
    assert (board["ordersToday"], board["revenueToday"]) == (1, 7.5)
    assert [order["total"] for order in board["recentOrders"]] == [7.5]
    assert [(low["id"], low["remaining"]) for low in board["lowStockAlerts"]] == [(mug, 7)]


def test_it_is_announced_with_absolute_values(till: Till) -> None:
    mug = till.product(price=3)
    till.placed((mug, 1))
    till.events()
    second = till.placed((mug, 2))

    events = {event.channel: event for event in till.events()}
    order, inventory = events["orders"], events["inventory"]

    assert order.data["type"] == "new_order"
    assert order.data["order"]["id"] == second
    assert [each["id"] for each in order.data["orders"]] == [second]
    assert (order.data["count"], order.data["ordersToday"], order.data["revenueToday"]) == (1, 2, 9)
    assert inventory.data["product"]["remaining"] == 97


def test_the_same_product_on_two_lines_is_added_up(till: Till) -> None:
    mug = till.product(remaining=5)

    assert till.order((mug, 3), (mug, 3)).status_code == 409
    answer = till.order((mug, 2), (mug, 3))

    assert answer.status_code == 201
    assert [line["quantity"] for line in answer.json["lines"]] == [5]  # type: ignore[index]
    assert till.remaining(mug) == 0


def test_products_are_named_by_id_or_sku(till: Till) -> None:
    mug = till.product(sku="MUG", remaining=5)
    items = [{"sku": "MUG", "quantity": 1}, {"productId": mug, "quantity": 1}]

    answer = till.post("/api/orders", {"customer": "Ada", "items": items})

    assert answer.status_code == 201
    assert till.remaining(mug) == 3


def test_without_enough_stock_nothing_of_the_order_is_kept(till: Till) -> None:
    mug, cap, hat = till.product(remaining=2), till.product(remaining=9), till.product(remaining=0)

    answer = till.order((mug, 3), (cap, 1), (hat, 4))

    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert problem
    assert problem["type"].endswith("/out-of-stock")
    refused = [(each["id"], each["asked"], each["remaining"]) for each in problem["products"]]
    assert sorted(refused) == sorted([(mug, 3, 2), (hat, 4, 0)])
    assert "3 asked, 2 left" in problem["detail"]
    assert [till.remaining(id) for id in (mug, cap, hat)] == [2, 9, 0]
    assert till.get("/api/orders")["items"] == []
    assert till.board()["ordersToday"] == 0


def test_a_paused_product_is_not_sold_and_said_to_be_paused(till: Till) -> None:
    mug, cap = till.product(), till.product()
    till.post(f"/api/products/{mug}/pause")

    answer = till.order((mug, 1), (cap, 1))

    assert answer.status_code == 409
    assert answer.json["type"].endswith("/product-paused")  # type: ignore[index]
    assert [each["id"] for each in answer.json["products"]] == [mug]  # type: ignore[index]
    assert till.remaining(cap) == 100


@pytest.mark.parametrize("named", [{"productId": "999999999999"}, {"sku": "NO-SUCH"}])
def test_an_unknown_product_is_named(till: Till, named: dict[str, str]) -> None:
    mug = till.product()
    items = [{"productId": mug, "quantity": 1}, {**named, "quantity": 1}]

    answer = till.post("/api/orders", {"customer": "Ada", "items": items})

    assert answer.status_code == 422
    assert next(iter(named.values())) in answer.json["detail"]  # type: ignore[index]
    assert till.remaining(mug) == 100


@pytest.mark.parametrize("days", [0, 1, 3, 5, 30, 400])
def test_a_product_sells_again_after_days_without_a_sale(till: Till, days: int) -> None:
    mug = till.product()
    till.placed((mug, 10))
    with till.app.app_context():
        db.session.get_one(Product, int(mug)).paced_at = shop.now() - timedelta(days=days)
        db.session.commit()

    assert till.order((mug, 5)).status_code == 201
    assert till.get(f"/api/products/{mug}")["pace"] == (3 if days == 0 else 1)
    till.board()


def test_a_total_that_cannot_be_counted_exactly_is_refused(till: Till) -> None:
    jewel = till.product(price=9_999_999_999_999.99)

    answer = till.order((jewel, 2))

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "items"  # type: ignore[index]
    assert till.remaining(jewel) == 100
    assert till.order((jewel, 1)).json["total"] == 9_999_999_999_999.99  # type: ignore[index]
    assert till.board()["revenueToday"] == 9_999_999_999_999.99


@pytest.mark.parametrize(("key", "statements"), [(None, 2), ("k1", 4)])
def test_an_order_of_any_size_takes_as_few_round_trips(
    till: Till, key: str | None, statements: int
) -> None:
    """Stock, then all that is written; a key is claimed before and answered after."""
    lines = [(till.product(), 1) for _ in range(5)]
    till.placed(lines[0])  # from now on the token is known
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with till.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = till.order(*lines, key=key)
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert answer.status_code == 201
    assert len(asked) == statements, asked
