"""What orders show: count and revenue of the day, the last orders, and yesterday beside them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

import shop
from blueprints import stream
from blueprints.orders import schemas
from blueprints.orders.models import ORDER_COUNTS, AnOrder, Order
from extensions import db

RECENT = 10
MINUTES = 60


def recount(connection: Connection, day: date) -> Mapping[str, Any]:
    """The board's fields from Postgres."""
    orders, revenue = connection.execute(_counted(day)).one()
    newest = select(Order.__table__).order_by(Order.id.desc()).limit(RECENT)
    return {
        "ordersToday": orders,
        "revenueToday": int(revenue),
        "recentOrders": [
            stream.Item(str(row.id), row.version, schemas.order(row), position=row.id)
            for row in connection.execute(newest)
        ],
    }


def _counted(day: date) -> Select[int, int]:
    return select(func.count(), func.coalesce(func.sum(Order.total), 0)).where(
        Order.day == day, ORDER_COUNTS
    )


def every_minute() -> dict[str, Any]:
    """Yesterday up to this minute, and orders by minute of the last hour on both days.

    With how many orders of today were counted: whoever shows more adds those to the last minute.
    """
    now = shop.now().replace(second=0, microsecond=0)
    start = now - timedelta(minutes=MINUTES - 1)
    with db.engine.connect() as connection:
        return {
            "compare": _compare(connection, now),
            "series": {
                "start": shop.iso(start),
                "orders": _by_minute(connection, start),
                "yesterday": _by_minute(connection, shop.same_time_yesterday(start)),
                "ordersToday": connection.execute(_counted(shop.today())).one()[0],
            },
        }


def _compare(connection: Connection, now: datetime) -> dict[str, Any]:
    """Null where the shop has no order from before today: there is nothing to compare with."""
    until = shop.same_time_yesterday(shop.now())
    begin = shop.day_start(shop.business_day(until))
    first = connection.execute(select(func.min(Order.placed_at)).where(ORDER_COUNTS)).scalar_one()
    known = first is not None and first < shop.day_start(shop.today())
    orders, revenue = connection.execute(
        select(func.count(), func.coalesce(func.sum(Order.total), 0)).where(
            Order.placed_at >= begin, Order.placed_at < until, ORDER_COUNTS
        )
    ).one()
    return {
        "orders": orders if known else None,
        "revenue": shop.amount(int(revenue)) if known else None,
        "asOf": shop.iso(until),
    }


def _by_minute(connection: Connection, start: datetime) -> list[int]:
    minute = func.floor(func.extract("epoch", Order.placed_at - start) / 60)
    rows = connection.execute(
        select(minute, func.count())
        .where(
            Order.placed_at >= start,
            Order.placed_at < start + timedelta(minutes=MINUTES),
            ORDER_COUNTS,
        )
        .group_by(minute)
    )
    counts = {int(index): count for index, count in rows}
    return [counts.get(index, 0) for index in range(MINUTES)]


def initials(name: str) -> str:
    """`Ada Lovelace` as `A. L.`"""
    return " ".join(f"{word[0].upper()}." for word in name.split()[:3])


def redact(data: dict[str, Any], audience: str) -> dict[str, Any]:
    """Customers' names as initials, or not at all, for whoever looks at a display."""

    def shown(order: dict[str, Any]) -> dict[str, Any]:
        name = str(order.get("customer", ""))
        return order | {"customer": initials(name) if audience == "initials" else ""}

    redacted = dict(data)
    if isinstance(order := data.get("order"), dict):
        redacted["order"] = shown(order)
    for listed in ("orders", "recentOrders"):
        if isinstance(orders := data.get(listed), list):
            redacted[listed] = [shown(each) for each in orders if isinstance(each, dict)]
    return redacted


stream.channel(
    "orders",
    fields=[
        stream.Counter("ordersToday"),
        stream.Counter("revenueToday", money=True),
        stream.Recent("recentOrders", size=RECENT),
    ],
    shows=["ordersToday", "revenueToday"],
    gather=stream.Gather(item="order", into="orders", limit=RECENT, count="count"),
    recount=recount,
    every_minute=every_minute,
    redact=redact,
)
stream.channel("revenue", shows=["ordersToday", "revenueToday"])


def placed(order: AnOrder) -> None:
    """Announce a new order."""
    _record(order, "new_order", sign=1)


def cancelled(order: AnOrder) -> None:
    """Announce a cancelled order, and its revenue as a refund."""
    _record(order, "order_cancelled", sign=-1)
    stream.record("revenue", {"type": "refund", "amount": shop.amount(-order.total)})


def _record(order: AnOrder, kind: str, sign: int) -> None:
    stream.record(
        "orders",
        {"type": kind},
        item=schemas.order(order),
        key=str(order.id),
        version=order.version,
        position=order.id,
        day=order.day,
        add={"ordersToday": sign, "revenueToday": sign * order.total},
    )
