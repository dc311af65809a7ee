"""Idempotency-Key: what is sent twice is done once, for every POST that changes something."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import idempotency
import shop
from extensions import db
from tests.cast import Person
from tests.till import Till

Asked = tuple[str, Any]


def _order(till: Till) -> Asked:
    items = [{"productId": till.product(), "quantity": 2}]
    return "/api/orders", {"customer": "Ada", "items": items}


def _alert(till: Till) -> str:
    answer = till.post("/api/alerts", {"severity": "info", "message": "Hello"})
    return str(answer.json["id"])  # type: ignore[index]


CHANGES: dict[str, Callable[[Till], Asked]] = {
    "place": _order,
    "cancel": lambda till: (f"/api/orders/{till.placed((till.product(), 1))}/cancel", None),
    "create a product": lambda till: (
        "/api/products",
        {"sku": "NEW", "name": "New", "price": 1, "remaining": 1},
    ),
    "restock": lambda till: (f"/api/products/{till.product()}/restock", {"quantity": 5}),
    "pause": lambda till: (f"/api/products/{till.product()}/pause", None),
    "resume": lambda till: (f"/api/products/{till.product()}/resume", None),
    "pause many": lambda till: ("/api/products/pause", {"ids": [till.product()]}),
    "resume all": lambda till: ("/api/products/resume", {"all": True}),
    "raise an alert": lambda till: ("/api/alerts", {"severity": "info", "message": "Hello"}),
    "acknowledge": lambda till: (f"/api/alerts/{_alert(till)}/acknowledge", None),
    "unacknowledge": lambda till: (f"/api/alerts/{_alert(till)}/unacknowledge", None),
}


def rows(till: Till) -> list[int]:
    """How much there is of everything."""
    with till.app.app_context():
        tables = db.metadata.sorted_tables
        kept = [table for table in tables if table.name not in ("tokens", "outbox")]
        return [db.session.scalar(select(func.count()).select_from(each)) or 0 for each in kept]


def same(first: TestResponse, second: TestResponse) -> bool:
    """Whether the second answer is the first, replayed."""
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    kept = ("status_code", "json", "location")
    return all(getattr(first, name) == getattr(second, name) for name in kept)


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_again_is_answered_the_same_and_done_once(till: Till, change: str) -> None:
    path, body = CHANGES[change](till)
    first = till.post(path, body, key="k1")
    assert first.status_code < 300, first.text
    before, board = rows(till), till.board()

    again = till.post(path, body, key="k1")

    assert same(first, again)
    assert rows(till) == before
    assert till.board() == board


@pytest.mark.parametrize("change", CHANGES)
def test_without_a_key_or_with_another_it_is_a_new_request(till: Till, change: str) -> None:
    path, body = CHANGES[change](till)
    till.post(path, body, key="k1")

    for key in (None, "k2"):
        answer = till.post(path, body, key=key)
        assert "Idempotency-Replayed" not in answer.headers


def test_spacing_and_order_of_members_make_no_other_body(till: Till) -> None:
    mug = till.product()
    first = till.order((mug, 1), key="k1")
    body = f'{{"items":[ {{"quantity":1,"productId":"{mug}"}} ], "customer":"Ada Lovelace"}}'

    again = till.request(
        "POST",
        "/api/orders",
        data=body,
        content_type="application/json",
        headers={"Idempotency-Key": "k1"},
    )

    assert same(first, again)


@pytest.mark.parametrize("other", ["body", "path"])
def test_the_same_key_for_something_else_is_refused(till: Till, other: str) -> None:
    mug, cap = till.product(), till.product()
    till.post(f"/api/products/{mug}/restock", {"quantity": 5}, key="k1")
    path = f"/api/products/{cap if other == 'path' else mug}/restock"

    answer = till.post(path, {"quantity": 5 if other == "path" else 6}, key="k1")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"  # type: ignore[index]
    assert [till.remaining(mug), till.remaining(cap)] == [105, 100]


def test_what_failed_may_be_tried_again(till: Till) -> None:
    mug = till.product(remaining=1)

    refused = till.order((mug, 2), key="k1")
    till.post(f"/api/products/{mug}/restock", {"quantity": 5})
    placed = till.order((mug, 2), key="k1")
    again = till.order((mug, 2), key="k1")

    assert [refused.status_code, placed.status_code] == [409, 201]
    assert same(placed, again)
    assert till.remaining(mug) == 4


def test_what_does_not_exist_is_not_answered_from_memory(till: Till) -> None:
    for action in ("pause", "resume"):
        path = f"/api/products/999999/{action}"
        assert [till.post(path, key="k1").status_code for _ in range(2)] == [404, 404]


def test_a_key_is_its_owners_alone(till: Till, operator: Person) -> None:
    mug = till.product()
    headers = {"Idempotency-Key": "k1"}
    till.post(f"/api/products/{mug}/restock", {"quantity": 5}, key="k1")

    answer = operator.client.post(
        f"/api/products/{mug}/restock", json={"quantity": 5}, headers=headers
    )

    assert answer.status_code == 200
    assert "Idempotency-Replayed" not in answer.headers
    assert till.remaining(mug) == 110


def test_it_is_kept_for_24_hours(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    mug = till.product()
    first = till.order((mug, 1), key="k1")
    placed_at = shop.now()

    def after(**time: float) -> TestResponse:
        monkeypatch.setattr(shop, "now", lambda: placed_at + timedelta(**time))
        with till.app.app_context():
            idempotency.forget_old()
        return till.order((mug, 1), key="k1")

    assert same(first, after(hours=23.99))
    assert "Idempotency-Replayed" not in after(hours=24.01).headers
    assert till.remaining(mug) == 98
    # Even where nobody has tidied up.
    monkeypatch.setattr(shop, "now", lambda: placed_at + timedelta(hours=48.1))
    assert "Idempotency-Replayed" not in till.order((mug, 1), key="k1").headers
    till.board()
