"""POST /api/products/<id>/restock: more to sell, at once, on every board."""

import pytest

from tests.till import Till


def test_it_adds_to_what_remains_and_is_announced(till: Till) -> None:
    mug = till.product(remaining=3)
    till.events()

    answer = till.post(f"/api/products/{mug}/restock", {"quantity": 20})

    assert answer.status_code == 200
    assert answer.json["remaining"] == 23 == till.remaining(mug)  # type: ignore[index]
    (event,) = till.events()
    assert (event.channel, event.data["type"]) == ("inventory", "restocked")
    assert event.data["product"]["remaining"] == 23


def test_a_product_back_at_its_threshold_is_no_longer_low(till: Till) -> None:
    mug = till.product(remaining=4, threshold=10)

    till.post(f"/api/products/{mug}/restock", {"quantity": 5})
    still_low = till.board()["lowStockAlerts"]
    till.post(f"/api/products/{mug}/restock", {"quantity": 1})

    assert [low["remaining"] for low in still_low] == [9]
    assert not any(each["lowStock"] for each in till.board()["lowStockAlerts"])


@pytest.mark.parametrize("quantity", [0, -5, 100_001, 1.5, "3", None, True])
def test_a_quantity_that_cannot_be_is_refused(till: Till, quantity: object) -> None:
    mug = till.product(remaining=3)

    answer = till.post(f"/api/products/{mug}/restock", {"quantity": quantity})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "quantity"  # type: ignore[index]
    assert till.remaining(mug) == 3


def test_no_stock_grows_beyond_what_can_be_counted(till: Till) -> None:
    mug = till.product(remaining=9_950_000)

    assert till.post(f"/api/products/{mug}/restock", {"quantity": 50_001}).status_code == 422
    assert till.post(f"/api/products/{mug}/restock", {"quantity": 50_000}).status_code == 200
    assert till.remaining(mug) == 10_000_000


def test_no_such_product(till: Till) -> None:
    assert till.post("/api/products/999999/restock", {"quantity": 1}).status_code == 404
