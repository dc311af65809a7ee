"""WRITES_RATE_LIMIT: one caller that has gone wild stops nobody else."""

from collections.abc import Callable

import pytest
from flask import Flask
from limits import parse

from config import Settings
from tests import cast
from tests.conftest import LiveFactory

ORDER = {"customer": "Ada", "items": [{"sku": "MUG", "quantity": 1}]}


@pytest.fixture
def two_a_minute(small: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of the small app, for one test."""
    monkeypatch.setitem(small.extensions, "pace_limit", parse("2 per minute"))


@pytest.mark.usefixtures("two_a_minute")
def test_a_token_beyond_the_limit_is_told_when_to_come_back(
    small: Flask, program: Callable[..., str]
) -> None:
    bearer = {"Authorization": f"Bearer {program('products:write')}"}
    caller = small.test_client()

    answers = [caller.post("/small/act", headers=bearer) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    refused = answers[-1]
    assert refused.content_type == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    problem = refused.json
    assert problem
    assert problem["type"].endswith("/too-many-requests")
    assert caller.get("/small/act", headers=bearer).status_code == 200


@pytest.mark.usefixtures("two_a_minute")
def test_others_and_other_routes_go_on(
    small: Flask, program: Callable[..., str], oscar: cast.Person
) -> None:
    first, second = (program("products:write", "orders:write", name=name) for name in ("a", "b"))
    caller = small.test_client()

    def post(path: str, token: str) -> int:
        return caller.post(path, headers={"Authorization": f"Bearer {token}"}).status_code

    assert [post("/small/act", first) for _ in range(3)] == [200, 200, 429]
    assert post("/small/program", first) == 200
    assert post("/small/act", second) == 200
    assert oscar.client.post("/small/act").status_code == 200


def test_orders_are_limited_as_the_setting_says(
    live: LiveFactory, token: Callable[..., str]
) -> None:
    board = live(WRITES_RATE_LIMIT="2 per minute")
    till = token("orders:write", "products:write")
    product = {"sku": "MUG", "name": "Mug", "price": 5, "remaining": 10}
    board.post("/api/products", product, token=till)

    answers = [board.post("/api/orders", ORDER, token=till) for _ in range(3)]

    assert [each.status for each in answers] == [201, 201, 429]
    products = board.get("/api/products", token=token("stream:read")).json["items"]
    assert [each["remaining"] for each in products] == [8]


def test_by_default_no_sale_comes_near_it() -> None:
    limit = parse(Settings.model_fields["writes_rate_limit"].default)
    assert limit.amount / limit.get_expiry() >= 2 * 200  # orders a second that the docs reckon with
