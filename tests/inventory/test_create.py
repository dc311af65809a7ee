"""POST /api/products: what the shop sells."""

from typing import Any

import pytest

from tests.till import Till

MUG = {"sku": "MUG", "name": "Mug", "price": 12.5, "remaining": 40}


def test_a_product_is_answered_and_found(till: Till) -> None:
    answer = till.post("/api/products", MUG)

    assert answer.status_code == 201
    mug = answer.json
    assert mug
    assert answer.headers["Location"] == f"/api/products/{mug['id']}"
    expected = MUG | {"threshold": 10, "lowStock": False, "paused": False, "refused": 0}
    assert mug | expected == mug
    assert mug["soldOutAt"] is None
    assert till.get(answer.headers["Location"]) == mug
    assert till.get("/api/products")["items"] == [mug]


def test_a_sku_is_taken_once(till: Till) -> None:
    till.post("/api/products", MUG)

    answer = till.post("/api/products", MUG | {"name": "Another"})

    assert answer.status_code == 409
    assert answer.json["errors"][0]["field"] == "sku"  # type: ignore[index]
    assert len(till.get("/api/products")["items"]) == 1


@pytest.mark.parametrize(("remaining", "threshold"), [(4, 10), (0, 10), (0, 0)])
def test_one_that_is_low_from_the_start_raises_its_alert(
    till: Till, remaining: int, threshold: int
) -> None:
    till.post("/api/products", MUG | {"remaining": remaining, "threshold": threshold})

    board = till.board()

    assert [low["lowStock"] for low in board["lowStockAlerts"]] == [threshold > 0]
    assert [alert["product"]["sku"] for alert in board["alerts"]] == ["MUG"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"price": -1}, "price"),
        ({"price": 1.999}, "price"),
        ({"price": "free"}, "price"),
        ({"price": True}, "price"),
        ({"price": 10**20}, "price"),
        ({"price": None}, "price"),
        ({"remaining": -1}, "remaining"),
        ({"remaining": 1.5}, "remaining"),
        ({"remaining": 10_000_001}, "remaining"),
        ({"threshold": -1}, "threshold"),
        ({"sku": ""}, "sku"),
        ({"sku": "x" * 65}, "sku"),
        ({"sku": "a\nb"}, "sku"),
        ({"name": "\u0000"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"stock": 3}, "stock"),
    ],
)
def test_what_cannot_be_is_named(till: Till, wrong: dict[str, Any], field: str) -> None:
    answer = till.post("/api/products", MUG | wrong)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]  # type: ignore[index]
    assert till.get("/api/products")["items"] == []


@pytest.mark.parametrize("price", [0, 0.01, "19.99", 1234567.89])
def test_prices_are_kept_to_the_unit(till: Till, price: float | str) -> None:
    answer = till.post("/api/products", MUG | {"price": price})

    assert answer.json["price"] == float(price)  # type: ignore[index]
