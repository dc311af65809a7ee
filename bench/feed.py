"""Orders appear on the board, as if another worker's relay had published them from the outbox.

By the board's own script and at a steady pace, so that all that follows is the engine's work:
merging, the subscription, the fan-out. Each order carries when it was published.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask

import shop
from blueprints.stream import board, outbox
from blueprints.stream.timers import TURN
from extensions import db, redis

# Nobody compares the board with Postgres meanwhile, which knows nothing of these orders.
NO_AUDIT_SECONDS = 7_200


@dataclass(frozen=True)
class Published:
    """How many orders, and the `seq` of the last event about them."""

    orders: int
    last: int
    seconds: float


class Feed:
    """Publishes from this process. Positions, and so ids, go up for ever."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._position = 1_000_000

    def hold_audits(self) -> None:
        """Take the audit's turn, so that it does not put the board right."""
        redis.commands.set(f"{TURN}audit", "bench", ex=NO_AUDIT_SECONDS)

    def publish(self, rate: float, seconds: float) -> Published:
        """That many orders a second, evenly; what the board merges is published when it is due."""
        with self._app.app_context():
            started = time.monotonic()
            count = max(1, round(rate * seconds))
            due: float | None = None
            for number in range(count):
                moment = started + number / rate
                while due is not None and due < moment:
                    _sleep_until(due)
                    due = self._apply([])
                _sleep_until(moment)
                due = self._apply([self._order()])
            self._flush(due)
            return Published(count, board.read().seq, time.monotonic() - started)

    def publish_flask_sse(self, rate: float, seconds: float) -> None:
        """The same orders by Flask-SSE's own publish(); its frames hold the same JSON."""
        from flask_sse import sse

        from bench.baselines.flask_sse_app import app

        started = time.monotonic()
        with app.app_context():
            for number in range(max(1, round(rate * seconds))):
                _sleep_until(started + number / rate)
                with self._app.app_context():
                    item = json.loads(self._order()["item"])
                order = {"type": "new_order", "order": item, "orders": [item], "count": 1}
                sse.publish(order, type="orders")

    def last(self) -> int:
        """The board's `seq`, once nothing waits in the outbox or to be merged."""
        with self._app.app_context():
            self._drain()
            return board.read().seq

    def orders_today(self) -> int:
        """What the board counts."""
        with self._app.app_context():
            self._drain()
            return board.read().counters["ordersToday"]

    def _drain(self) -> None:
        with db.engine.connect() as connection:
            while outbox.unpublished(connection):
                connection.rollback()
                time.sleep(0.02)
        self._flush(self._apply([]))

    def _flush(self, due: float | None) -> None:
        while due is not None:
            _sleep_until(due)
            due = self._apply([])

    @staticmethod
    def _apply(events: list[dict[str, Any]]) -> float | None:
        applied = board.apply([json.dumps(each) for each in events])
        return None if applied.due_ms is None else time.monotonic() + applied.due_ms / 1000

    def _order(self) -> dict[str, Any]:
        self._position += 1
        item = {
            "id": str(self._position),
            "customer": "Grace Hopper",
            "total": 129.9,
            "items": 3,
            "status": "placed",
            "createdAt": shop.iso(shop.now()),
            "sentAt": time.time(),
        }
        return {
            "channel": "orders",
            "head": '"type":"new_order"',
            "key": item["id"],
            "version": 1,
            "position": self._position,
            "item": json.dumps(item, separators=(",", ":")),
            "day": shop.today().isoformat(),
            "add": {"ordersToday": 1, "revenueToday": 12_990},
        }


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
