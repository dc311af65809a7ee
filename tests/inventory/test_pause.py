"""Pause and resume: the sale of one product, of several, or of all stops at once."""

from typing import Any

import pytest

from tests.cast import Person
from tests.till import Till


def test_who_paused_and_when_is_shown_until_it_is_resumed(till: Till, operator: Person) -> None:
    mug = till.product()
    till.events()

    paused = operator.client.post(f"/api/products/{mug}/pause")
    (event,) = till.events()
    resumed = operator.client.post(f"/api/products/{mug}/resume")

    assert paused.status_code == resumed.status_code == 200
    assert event.data["type"] == "paused"
    assert event.data["product"] == paused.json
    assert paused.json
    assert (paused.json["paused"], paused.json["pausedBy"]) == (True, "olivia")
    assert paused.json["pausedAt"]
    assert resumed.json
    names = ("paused", "pausedBy", "pausedAt")
    assert [resumed.json[name] for name in names] == [False, None, None]
    assert till.events()[0].data["type"] == "resumed"
    assert till.order((mug, 1)).status_code == 201


def test_twice_is_once_and_the_first_stays_named(till: Till, operator: Person) -> None:
    mug = till.product()
    first = operator.client.post(f"/api/products/{mug}/pause").json
    till.events()

    assert till.post(f"/api/products/{mug}/pause").json == first
    assert till.events() == []


def test_no_such_product(till: Till) -> None:
    assert till.post("/api/products/999999/pause").status_code == 404
    assert till.post("/api/products/999999/resume").status_code == 404


def test_several_are_paused_together(till: Till) -> None:
    mug, cap, hat = (till.product() for _ in range(3))

    answer = till.post("/api/products/pause", {"ids": [mug, hat]})

    assert answer.status_code == 200
    assert [each["id"] for each in answer.json["items"]] == [mug, hat]  # type: ignore[index]
    sells = [till.order((id, 1)).status_code for id in (mug, cap, hat)]
    assert sells == [409, 201, 409]


def test_a_product_thought_to_be_paused_is_or_nothing_is(till: Till) -> None:
    mug = till.product()

    answer = till.post("/api/products/pause", {"ids": [mug, "999999"]})

    assert answer.status_code == 422
    assert "999999" in answer.json["detail"]  # type: ignore[index]
    assert till.order((mug, 1)).status_code == 201


def test_all_of_a_large_shop_are_paused_on_every_board(till: Till) -> None:
    ids = {till.product(remaining=5, threshold=10) for _ in range(230)}
    till.board()
    till.events()

    till.post("/api/products/pause", {"all": True})

    events = till.events()
    shown = [each for event in events for each in event.data["products"]]
    assert {each["id"] for each in shown} == ids
    assert len(shown) == len(ids)
    assert all(each["paused"] for each in shown)
    assert max(len(event.data["products"]) for event in events) <= 100
    till.post("/api/products/resume", {"all": True})
    assert not any(each["paused"] for each in till.board()["lowStockAlerts"])


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"all": False}, {"ids": ["1"], "all": True}, {"ids": ["x"]}, {"ids": "1"}],
)
def test_what_is_to_be_paused_must_be_said(till: Till, body: dict[str, Any]) -> None:
    assert till.post("/api/products/pause", body).status_code == 422
