"""GET /api/orders and /api/orders/<id>: newest first, page by page; one with its lines."""

import pytest

from tests.till import Till


def test_orders_come_newest_first_and_each_once(till: Till) -> None:
    mug = till.product()
    placed = [till.placed((mug, 1)) for _ in range(7)]

    found: list[str] = []
    cursor = ""
    for _ in range(4):
        page = till.get(f"/api/orders?limit=2{cursor}")
        found += [order["id"] for order in page["items"]]
        cursor = f"&cursor={page['nextCursor']}"

    assert found == placed[::-1]
    assert page["nextCursor"] is None


def test_an_order_placed_meanwhile_moves_no_page(till: Till) -> None:
    mug = till.product()
    first, second, third = (till.placed((mug, 1)) for _ in range(3))
    page = till.get("/api/orders?limit=1")
    till.placed((mug, 1))

    rest = till.get(f"/api/orders?cursor={page['nextCursor']}")

    assert [page["items"][0]["id"]] == [third]
    assert [order["id"] for order in rest["items"]] == [second, first]


def test_no_orders_are_an_empty_page(till: Till) -> None:
    assert till.get("/api/orders") == {"items": [], "nextCursor": None}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=-1", "limit=²", "cursor=x", "cursor=" + "9" * 19],
)
def test_a_page_that_cannot_be_is_refused(till: Till, query: str) -> None:
    answer = till.request("GET", f"/api/orders?{query}")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == query.split("=")[0]  # type: ignore[index]


def test_one_order_is_shown_as_it_was_answered(till: Till) -> None:
    mug = till.product(price=3)
    placed = till.order((mug, 2)).json
    assert placed
    till.request("PATCH", f"/api/products/{mug}", {"price": 99, "name": "Dearer"})

    assert till.get(f"/api/orders/{placed['id']}") == placed


@pytest.mark.parametrize("id", ["999999", "0", "-1", "x", "1" * 19, "%00"])
def test_no_such_order_is_a_404_problem(till: Till, id: str) -> None:
    answer = till.request("GET", f"/api/orders/{id}")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
