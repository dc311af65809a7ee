"""A till in this process: what programs and ops do to a shop, and what its board then shows."""

import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from blueprints.auth.service import create_token
from blueprints.stream import board, relay

SCOPES = ("orders:write", "products:write", "alerts:write", "metrics:write", "stream:read")


class Event(NamedTuple):
    """A published event."""

    channel: str
    id: str
    data: Any


class Till:
    """Speaks HTTP to the app with a token that may do everything."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.token = create_token("till", SCOPES)
        self.client: FlaskClient = app.test_client()
        self._skus = itertools.count(1)
        self._seen = 0

    def request(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        """Any request."""
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        if json is not None:
            options["json"] = json
        return self.client.open(path, method=method, headers=headers, **options)

    def post(self, path: str, json: Any = None, key: str | None = None) -> TestResponse:
        """POST, with an Idempotency-Key if given."""
        return self.request("POST", path, json, headers={"Idempotency-Key": key} if key else {})

    def get(self, path: str) -> Any:
        """What a GET answers."""
        answer = self.request("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def product(self, remaining: int = 100, price: float = 5, **fields: Any) -> str:
        """A new product's id."""
        sku = f"SKU-{next(self._skus)}"
        fields = {"sku": sku, "name": f"Product {sku}", "threshold": 0} | fields
        answer = self.post("/api/products", {"remaining": remaining, "price": price, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])  # type: ignore[index]

    def order(
        self, *lines: tuple[str, int], customer: str = "Ada Lovelace", key: str | None = None
    ) -> TestResponse:
        """Order units of products: `order((mug, 2), (cap, 1))`."""
        items = [{"productId": id, "quantity": units} for id, units in lines]
        return self.post("/api/orders", {"customer": customer, "items": items}, key)

    def placed(self, *lines: tuple[str, int]) -> str:
        """The id of an order that was accepted."""
        answer = self.order(*lines)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])  # type: ignore[index]

    def cancel(self, order_id: str, key: str | None = None) -> TestResponse:
        """Cancel an order."""
        return self.post(f"/api/orders/{order_id}/cancel", key=key)

    def remaining(self, product_id: str) -> int:
        """The stock of a product."""
        return int(self.get(f"/api/products/{product_id}")["remaining"])

    def board(self) -> Any:
        """What every dashboard shows once all is published."""
        with self.app.app_context():
            relay.drain()
        board = self.get("/api/metrics")
        for by_the_clock in ("compare", "series"):
            del board[by_the_clock]
        return board

    def events(self) -> list[Event]:
        """What has been published since the last call."""
        with self.app.app_context():
            relay.drain()
            while board.apply([]).due_ms is not None:  # at most one interval of merging
                pass
            logged = board.logged(self._seen)
        events = []
        for channel, text in logged:
            data = json.loads(text)
            events.append(Event(channel, data.pop("eventId"), data))
        if events:
            self._seen = int(events[-1].id.rpartition("-")[2])
        return events

    def differences(self) -> list[str]:
        """What Redis and Postgres do not agree on."""
        with self.app.app_context():
            return board.differences()


@pytest.fixture
def till(app: Flask) -> Iterator[Till]:
    """The till of a shop without products; after the test its board and its rows must agree."""
    till = Till(app)
    till.get("/api/metrics")  # the board is there, so that events change it
    yield till
    assert till.differences() == []
