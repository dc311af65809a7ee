"""PATCH /api/products/<id>: name, price, threshold, SKU; never the stock."""

from typing import Any

import pytest

from tests.till import Till


def test_what_is_changed_is_announced_to_every_dashboard(till: Till) -> None:
    mug = till.product(price=5)
    till.events()

    answer = till.request("PATCH", f"/api/products/{mug}", {"price": 7.25, "name": "Better mug"})

    assert answer.status_code == 200
    (event,) = till.events()
    assert (event.channel, event.data["type"]) == ("inventory", "changed")
    assert event.data["product"] == answer.json == till.get(f"/api/products/{mug}")
    assert (event.data["product"]["price"], event.data["product"]["name"]) == (7.25, "Better mug")


def test_a_higher_threshold_makes_it_low_and_a_lower_one_takes_that_back(till: Till) -> None:
    mug = till.product(remaining=20)

    till.request("PATCH", f"/api/products/{mug}", {"threshold": 21})
    low = till.board()
    till.request("PATCH", f"/api/products/{mug}", {"threshold": 20})
    ok = till.board()

    assert [each["lowStock"] for each in low["lowStockAlerts"]] == [True]
    assert [alert["resolvedAt"] for alert in low["alerts"]] == [None]
    assert [each["lowStock"] for each in ok["lowStockAlerts"]] == [False]
    assert ok["alerts"][0]["resolvedAt"]


def test_another_products_sku_is_refused_and_nothing_changed(till: Till) -> None:
    till.product(sku="CAP")
    mug = till.product(sku="MUG")
    before = till.get(f"/api/products/{mug}")

    answer = till.request("PATCH", f"/api/products/{mug}", {"sku": "CAP", "price": 1})

    assert answer.status_code == 409
    assert till.get(f"/api/products/{mug}") == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"remaining": 9}, "remaining"),
        ({"stock": 9}, "stock"),
        ({"price": None}, "price"),
        ({"threshold": "low"}, "threshold"),
        ({"paused": True}, "paused"),
        ({"id": "7"}, "id"),
    ],
)
def test_nothing_else_can_be_changed(till: Till, wrong: dict[str, Any], field: str) -> None:
    mug = till.product()
    before = till.get(f"/api/products/{mug}")

    answer = till.request("PATCH", f"/api/products/{mug}", wrong)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]  # type: ignore[index]
    assert till.get(f"/api/products/{mug}") == before


def test_no_such_product(till: Till) -> None:
    assert till.request("PATCH", "/api/products/999999", {"price": 1}).status_code == 404
    assert till.request("GET", "/api/products/999999").status_code == 404
