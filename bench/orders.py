"""Orders a second of one worker: over 500 products, and all for one; against an empty route."""

import http.client
import itertools
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.load import answers_per_second
from bench.report import Figure, against, at_least, fact, middle
from bench.server import Server
from bench.sizes import Sizes
from bench.stage import SETTINGS, Stage, stage

SUBJECT = "orders of one worker"
PRODUCTS = 500
CONNECTIONS = 32
STOCK = 1_000_000
EMPTY = "/bench/empty"
OURS_WITH_AN_EMPTY_ROUTE = ("-c", "gunicorn.conf.py", "bench.empty_route:app")


def measure(stage: Stage, sizes: Sizes) -> Iterator[Figure]:
    """Rounds of all three in turn, so that a busy moment of the machine does not favour one."""
    empty: list[float] = []
    spread: list[float] = []
    hot: list[float] = []
    statuses: Counter[int] = Counter()
    with _server() as server:
        products = _catalogue(server, stage.token)
        for _ in range(sizes.rounds):
            for found, requests in (
                (empty, itertools.repeat(_request("GET", EMPTY, token=stage.token))),
                (spread, _orders(stage.token, products)),
                (hot, _orders(stage.token, products[:1])),
            ):
                rate, answered = answers_per_second(
                    server, requests, CONNECTIONS, sizes.orders_seconds
                )
                found.append(rate)
                if found is not empty:
                    statuses.update(answered)
        sold = sum(STOCK - each for each in _remaining(server, stage.token))
    of_empty, of_spread = "an empty JSON route", "spread over 500"
    yield against(
        "orders over 500 products", middle(spread), middle(empty), "/s", at_least(0.3), of=of_empty
    )
    yield against(
        "orders for one product", middle(hot), middle(spread), "/s", at_least(0.4), of=of_spread
    )
    placed = statuses[201]
    others = {status: count for status, count in statuses.items() if status != 201}
    said = f"{placed:,} of {sold:,}" + (f", other answers: {others}" if others else "")
    yield fact("orders answered 201 = units gone", said, sold == placed, "equal")


@contextmanager
def _server() -> Iterator[Server]:
    names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", *SETTINGS)
    environment = {name: os.environ[name] for name in names}
    with tempfile.TemporaryDirectory(prefix="flashboard-bench-") as directory:
        log = Path(directory) / "orders.log"
        with Server(OURS_WITH_AN_EMPTY_ROUTE, environment, log, ready="/readyz") as server:
            yield server


def _catalogue(server: Server, token: str) -> list[str]:
    return [
        _answer(
            server,
            token,
            "POST",
            "/api/products",
            {"sku": f"SPREAD-{number}", "name": f"P {number}", "price": 9.99, "remaining": STOCK},
        )["id"]
        for number in range(PRODUCTS)
    ]


def _remaining(server: Server, token: str) -> Iterator[int]:
    path = "/api/products?limit=100"
    while True:
        page = _answer(server, token, "GET", path)
        yield from (
            each["remaining"] for each in page["items"] if each["sku"].startswith("SPREAD-")
        )
        if page["nextCursor"] is None:
            return
        path = f"/api/products?limit=100&cursor={page['nextCursor']}"


def _answer(server: Server, token: str, method: str, path: str, body: object = None) -> Any:
    link = http.client.HTTPConnection(*server.address, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    link.request(method, path, json.dumps(body).encode() if body else None, headers)
    answer = link.getresponse()
    text = answer.read()
    link.close()
    if answer.status not in (200, 201):
        raise RuntimeError(f"{answer.status} {text.decode(errors='replace')}")
    return json.loads(text)


def _orders(token: str, products: list[str]) -> Iterator[bytes]:
    """One unit each, of a product by chance."""
    chance = random.Random(1)
    made = {
        id: _request(
            "POST",
            "/api/orders",
            {"customer": "Grace Hopper", "items": [{"productId": id, "quantity": 1}]},
            token,
        )
        for id in products
    }
    while True:
        yield made[chance.choice(products)]


def _request(method: str, path: str, body: object = None, token: str | None = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    text = json.dumps(body).encode() if body else b""
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(text)}"]
    return "\r\n".join([*lines, "", ""]).encode() + text


if __name__ == "__main__":
    from bench.report import table
    from bench.sizes import FULL

    with stage() as shared:
        print(table(list(measure(shared, FULL))))
