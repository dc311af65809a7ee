"""The shop's midnight passes under open dashboards, by a clock that says it is about to."""

import struct
import time
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests import sse
from tests.conftest import LiveFactory, ServersFactory

pytestmark = pytest.mark.faults

DAY = 24 * 3600
# Enough for gunicorn to start and for a few orders, on a busy machine.
SECONDS_TO_MIDNIGHT = 15
SCOPES = ("stream:read", "orders:write", "products:write")


def zone_file(directory: Path, seconds_to_midnight: float) -> str:
    """A time zone (RFC 8536) that is so far from its midnight; its name."""
    offset = round(DAY - seconds_to_midnight - time.time() % DAY)
    offset = (offset + DAY // 2) % DAY - DAY // 2
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 5)
    one_type = struct.pack(">lbb", offset, 0, 0) + b"SHOP\0"
    (directory / "Shop").mkdir()
    (directory / "Shop" / "Town").write_bytes(b"TZif" + bytes(16) + counts + one_type)
    return "Shop/Town"


@pytest.mark.timeout(90)
def test_dashboards_roll_over_by_themselves(
    own_servers: ServersFactory,
    live: LiveFactory,
    settings_of_tests: dict[str, str],
    tmp_path: Path,
) -> None:
    servers = own_servers()
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    token = servers.flask("tokens", "create", "till", *scopes, **settings_of_tests).splitlines()[-1]
    zone = zone_file(tmp_path, SECONDS_TO_MIDNIGHT)
    clock = {"SHOP_TIMEZONE": zone, "PYTHONTZPATH": str(tmp_path)}
    site = live(workers=2, servers=servers, **clock)

    def post(path: str, body: Any = None) -> Any:
        answer = site.post(path, body, token=token)
        assert answer.status in (200, 201), answer.body
        return answer.json

    mug = post("/api/products", {"sku": "M", "name": "Mug", "price": 3, "remaining": 100})["id"]
    order = {"customer": "Ada", "items": [{"productId": mug, "quantity": 2}]}
    cancelled_later, kept = post("/api/orders", order)["id"], post("/api/orders", order)["id"]
    dashboards = [sse.connect(site.url, token) for _ in range(4)]
    old_days = set()
    for stream in dashboards:
        first = stream.until("init")
        old_days.add(first.data["day"])
        if first.data["ordersToday"] < 2:
            stream.until(lambda event: event.data.get("ordersToday") == 2)
    assert len(old_days) == 1, "midnight came before the dashboards did"

    for stream in dashboards:
        new = stream.until("init", SECONDS_TO_MIDNIGHT + 10)
        assert new.data["day"] > max(old_days)
        assert new.data["recovered"] is False
        assert (new.data["ordersToday"], new.data["revenueToday"]) == (0, 0)
        assert [each["id"] for each in new.data["recentOrders"]] == [kept, cancelled_later]
        assert stream.until("clock").data["day"] == new.data["day"]

    post(f"/api/orders/{cancelled_later}/cancel")
    post("/api/orders", order)
    for stream in dashboards:
        refund = stream.until("revenue").data
        assert (refund["type"], refund["amount"]) == ("refund", -6)
        sold = stream.until(
            lambda event: event.event == "orders" and event.data["type"] == "new_order"
        )
        assert (sold.data["ordersToday"], sold.data["revenueToday"]) == (1, 6)
        stream.close()
    counted = dict.fromkeys(sorted(old_days), 1) | {new.data["day"]: 1}
    assert counted_by_day(servers.postgres.url) == counted
    verified = servers.flask("counters", "verify", **settings_of_tests, **clock)
    assert "agree" in verified


def counted_by_day(url: str) -> dict[str, int]:
    """Orders that count, by their business day."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, count(*) FROM orders WHERE status <> 'cancelled' GROUP BY day ORDER BY day"
        )
        found = {day.isoformat(): count for day, count in cursor.fetchall()}
    connection.close()
    return found
