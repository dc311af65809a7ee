"""Who may do what to orders, stock and alerts: every route, tried by everyone."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.cast import Person, signed_in
from tests.conftest import TokenFactory
from tests.till import Till

# Route, body, roles that may, scopes that may.
READ_ORDERS = ({"viewer", "operator"}, {"stream:read", "orders:write"})
READ_PRODUCTS = ({"viewer", "operator"}, {"stream:read", "orders:write", "products:write"})
CHANGE_ORDERS = ({"operator"}, {"orders:write"})
CHANGE_PRODUCTS = ({"operator"}, {"products:write"})
CHANGE_ALERTS = ({"operator"}, {"alerts:write"})
ROUTES: list[tuple[str, str, Any, tuple[set[str], set[str]]]] = [
    ("GET", "/api/orders", None, READ_ORDERS),
    ("GET", "/api/orders/{order}", None, READ_ORDERS),
    (
        "POST",
        "/api/orders",
        {"customer": "A", "items": [{"sku": "M", "quantity": 1}]},
        CHANGE_ORDERS,
    ),
    ("POST", "/api/orders/{order}/cancel", None, CHANGE_ORDERS),
    ("GET", "/api/products", None, READ_PRODUCTS),
    ("GET", "/api/products/{product}", None, READ_PRODUCTS),
    (
        "POST",
        "/api/products",
        {"sku": "NEW", "name": "N", "price": 1, "remaining": 1},
        CHANGE_PRODUCTS,
    ),
    ("PATCH", "/api/products/{product}", {"price": 2}, CHANGE_PRODUCTS),
    ("POST", "/api/products/{product}/restock", {"quantity": 1}, CHANGE_PRODUCTS),
    ("POST", "/api/products/{product}/pause", None, CHANGE_PRODUCTS),
    ("POST", "/api/products/{product}/resume", None, CHANGE_PRODUCTS),
    ("POST", "/api/products/pause", {"all": True}, CHANGE_PRODUCTS),
    ("POST", "/api/products/resume", {"all": True}, CHANGE_PRODUCTS),
    ("POST", "/api/alerts", {"severity": "info", "message": "m"}, CHANGE_ALERTS),
    ("POST", "/api/alerts/{alert}/acknowledge", None, CHANGE_ALERTS),
    ("POST", "/api/alerts/{alert}/unacknowledge", None, CHANGE_ALERTS),
]
SCOPES = (
    "stream:read",
    "orders:write",
    "products:write",
    "metrics:write",
    "alerts:write",
    "ops:read",
)


@pytest.fixture
def paths(till: Till) -> dict[str, str]:
    """Something of each kind."""
    mug = till.product(sku="M")
    alert = till.post("/api/alerts", {"severity": "info", "message": "m"}).json
    assert alert
    return {"product": mug, "order": till.placed((mug, 1)), "alert": alert["id"]}


def status(client: FlaskClient, method: str, path: str, body: Any, **options: Any) -> int:
    """What a request gets; a new product needs to be new each time."""
    return client.open(path, method=method, json=body, **options).status_code


@pytest.mark.parametrize(("method", "path", "body", "rule"), ROUTES)
def test_people(
    till: Till,
    paths: dict[str, str],
    viewer: Person,
    stranger: Person,
    method: str,
    path: str,
    body: Any,
    rule: tuple[set[str], set[str]],
) -> None:
    path = path.format(**paths)
    operator = signed_in(till.app, "olivia@shop.test", "operator")
    everything = till.board()

    assert status(stranger.client, method, path, body) == 401
    expected = 200 if "viewer" in rule[0] else 403
    assert status(viewer.client, method, path, body) == expected
    assert status(operator.client, method, path, body, headers={"X-CSRFToken": ""}) in (
        (200,) if method == "GET" else (403,)
    )
    assert till.board() == everything, "somebody who may not has changed something"
    assert status(operator.client, method, path, body) in (200, 201)
    till.board()


@pytest.mark.parametrize(("method", "path", "body", "rule"), ROUTES)
def test_tokens(
    till: Till,
    paths: dict[str, str],
    token: TokenFactory,
    method: str,
    path: str,
    body: Any,
    rule: tuple[set[str], set[str]],
) -> None:
    path = path.format(**paths)
    client = till.app.test_client()
    everything = till.board()

    def answers(*scopes: str) -> int:
        headers = {"Authorization": f"Bearer {token(*scopes)}"}
        return status(client, method, path, body, headers=headers)

    assert {scope: answers(scope) for scope in set(SCOPES) - rule[1]} == dict.fromkeys(
        set(SCOPES) - rule[1], 403
    )
    assert status(client, method, path, body, headers={"Authorization": "Bearer fb_no"}) == 401
    assert till.board() == everything, "a token without the scope has changed something"
    for scope in rule[1]:
        assert answers(scope) in (200, 201)
    till.board()
