"""Orders over HTTP on one kept connection, as a shop's own program would send them."""

import http.client
import itertools
import json
import time

from bench.server import Server
from bench.stage import Stage


class Till:
    """One product with plenty in stock, and someone who buys it."""

    _skus = itertools.count(1)

    def __init__(self, stage: Stage, server: Server) -> None:
        self._link = http.client.HTTPConnection(*server.address, timeout=30)
        self._link.connect()
        self._headers = {
            "Authorization": f"Bearer {stage.token}",
            "Content-Type": "application/json",
        }
        sku = f"BENCH-{next(self._skus)}"
        product = {"sku": sku, "name": "Plenty", "price": 12.5, "remaining": 1_000_000}
        self._product = self.post("/api/products", product)["id"]

    def order(self, customer: str = "Grace Hopper") -> str:
        """Place one; its id."""
        line = {"productId": self._product, "quantity": 1}
        placed = self.post("/api/orders", {"customer": customer, "items": [line]})
        return str(placed["id"])

    def order_seconds(self) -> float:
        """Place one; how long the answer took."""
        started = time.monotonic()
        self.order()
        return time.monotonic() - started

    def post(self, path: str, body: object) -> dict[str, object]:
        """The answer's object. Raises RuntimeError if it is no success."""
        self._link.request("POST", path, json.dumps(body).encode(), self._headers)
        answer = self._link.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status} {text.decode(errors='replace')}")
        found: dict[str, object] = json.loads(text)
        return found
