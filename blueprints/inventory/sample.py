"""A sample shop: products, two days of orders, three alerts; put in and taken out as a whole.

Stock is what remains after the orders made up here. They are written to the tables of other rooms
by the tables' names, because a sale reads orders → inventory and never back.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, exists, func, insert, select, text

import shop
from blueprints.inventory.models import Product, Refusal
from blueprints.inventory.sample_history import Sale, sales
from blueprints.inventory.service import PACE_MINUTES
from extensions import db

PRODUCTS = Path(__file__).with_name("sample_products.csv")
SOLD_OUT, PAUSED, CRITICAL, RESTOCKED = (
    "COOK-STOVE-GAS",
    "FLEECE-GRID-M",
    "LAMP-HEAD-400",
    "FOOT-TRAIL-43",
)
LOW = "FOOT-TRAIL-41"
SOLD_OUT_AGO = timedelta(minutes=47)
PAUSED_AGO = timedelta(hours=2, minutes=20)
REFUSED = ((2, 31), (1, 22), (1, 14), (3, 6))  # units asked for in vain, minutes ago
BY = "ana"


class NotEmpty(Exception):
    """There are products of the shop's own."""


@dataclass(frozen=True)
class Installed:
    """What was put in."""

    products: int
    orders: int


@dataclass(frozen=True)
class Removed:
    """What was taken out."""

    products: int
    orders: int
    alerts: int


def install() -> Installed | None:
    """Put the sample shop in; None when it is there already. Raises NotEmpty."""
    _alone()
    if db.session.scalar(select(exists().where(~Product.sample))):
        raise NotEmpty
    if db.session.scalar(select(exists().where(Product.sample))):
        return None
    now = shop.now().replace(microsecond=0)
    products = list(_products(now))
    db.session.add_all(products)
    db.session.flush()
    history = list(_history(now, products))
    _write_orders(products, history)
    _set_pace(products, history, now)
    _write_refusals(products, now)
    _write_alerts({product.sku: product for product in products}, now)
    db.session.commit()
    return Installed(len(products), len(history))


def renew() -> int:
    """Make up the orders since the last one if that is of an earlier day; how many.

    So the board has a yesterday and a today also when the shop is tried again the next morning.
    Stock stays as it is: what ops and visitors did to it is theirs. On one day nothing is added.
    """
    _alone()
    now = shop.now().replace(microsecond=0)
    last = db.session.scalar(select(func.max(_table("orders").c.placed_at)))
    if last is None or shop.business_day(last) >= shop.business_day(now):
        return 0
    products = list(db.session.scalars(select(Product).order_by(Product.id)))
    history = list(_history_since(last, now, products))
    if history:
        _write_orders(products, history)
        _set_pace(products, history, now)
    db.session.commit()
    return len(history)


def clear() -> Removed:
    """Take the sample products out, and every order and alert that has to do with one."""
    ids = list(db.session.scalars(select(Product.id).where(Product.sample).with_for_update()))
    orders, lines, alerts = _table("orders"), _table("order_lines"), _table("alerts")
    theirs = select(lines.c.order_id).where(lines.c.product_id.in_(ids))
    gone_orders = _count(delete(orders).where(orders.c.id.in_(theirs)))
    gone_alerts = _count(delete(alerts).where(alerts.c.subject.in_([f"stock:{id}" for id in ids])))
    named = text("jsonb_exists_any(CAST(units AS jsonb), CAST(:ids AS text[]))")
    db.session.execute(delete(Refusal).where(named), {"ids": [str(id) for id in ids]})
    db.session.execute(delete(Product).where(Product.sample))
    db.session.commit()
    return Removed(len(ids), gone_orders, gone_alerts)


def _alone() -> None:
    """Two that start at once must not both find something to do."""
    db.session.execute(text("LOCK TABLE products IN SHARE ROW EXCLUSIVE MODE"))


def _products(now: datetime) -> Iterator[Product]:
    with PRODUCTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            paused = row["sku"] == PAUSED
            yield Product(
                sku=row["sku"],
                name=row["name"],
                # The same number of minor units everywhere: 24.90 dollars, 2,490 yen, 2.490 dinars.
                price=int(Decimal(row["price"]).scaleb(2)),
                stock=int(row["remaining"]),
                threshold=int(row["threshold"]),
                paused=paused,
                paused_by=BY if paused else None,
                paused_at=now - PAUSED_AGO if paused else None,
                sample=True,
            )


def _history(now: datetime, products: Sequence[Product]) -> Iterator[Sale]:
    ends = {SOLD_OUT: now - SOLD_OUT_AGO, PAUSED: now - PAUSED_AGO}
    per_product = [ends.get(product.sku) for product in products]
    for seed, (begin, until) in zip(("yesterday", "today"), _two_days(now), strict=True):
        yield from sales(begin, until, seed, per_product)


def _history_since(last: datetime, now: datetime, products: Sequence[Product]) -> Iterator[Sale]:
    """Each day by a seed of its own: compared with its like, a day would show no difference."""
    ends = [last if each.paused or not each.stock else None for each in products]
    for begin, until in _two_days(now):
        for sale in sales(begin, until, str(begin), ends):
            if sale.placed_at > last:
                yield sale


def _two_days(now: datetime) -> list[tuple[datetime, datetime]]:
    """Yesterday, and today up to now."""
    today = shop.day_start(shop.business_day(now))
    yesterday = shop.day_start(shop.business_day(today - timedelta(minutes=1)))
    return [(yesterday, today), (today, now)]


def _write_orders(products: Sequence[Product], history: Sequence[Sale]) -> None:
    """In the order of time, so that ids grow with it."""
    orders = _table("orders")
    ids = db.session.execute(
        insert(orders).returning(orders.c.id, sort_by_parameter_order=True),
        [_order(products, sale) for sale in history],
    ).scalars()
    lines = [
        _line(order_id, products[place], units)
        for order_id, sale in zip(ids, history, strict=True)
        for place, units in sale.units.items()
    ]
    db.session.execute(insert(_table("order_lines")), lines)


def _order(products: Sequence[Product], sale: Sale) -> dict[str, Any]:
    return {
        "customer": sale.customer,
        "total": sum(products[place].price * units for place, units in sale.units.items()),
        "units": sum(sale.units.values()),
        "status": "cancelled" if sale.cancelled else "placed",
        "version": 2 if sale.cancelled else 1,
        "day": shop.business_day(sale.placed_at),
        "placed_at": sale.placed_at,
    }


def _line(order_id: int, product: Product, units: int) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "product_id": product.id,
        "sku": product.sku,
        "name": product.name,
        "quantity": units,
        "price": product.price,
    }


def _set_pace(products: Sequence[Product], history: Sequence[Sale], now: datetime) -> None:
    """As selling would have left it."""
    pace: Counter[int] = Counter()
    for sale in history:
        minutes = (now - sale.placed_at).total_seconds() / 60
        for place, units in sale.units.items():
            pace[place] += units / PACE_MINUTES * math.exp(-minutes / PACE_MINUTES)  # type: ignore[assignment]
    for place, product in enumerate(products):
        product.pace, product.paced_at = pace[place], now


def _write_refusals(products: Sequence[Product], now: datetime) -> None:
    product = next(each for each in products if each.sku == SOLD_OUT)
    today = shop.business_day(now)
    for units, minutes in REFUSED:
        moment = now - timedelta(minutes=minutes)
        if shop.business_day(moment) == today:
            product.refused_units = (product.refused_units or 0) + units
            product.refused_day = today
            db.session.add(Refusal(day=today, created_at=moment, units={str(product.id): units}))


def _write_alerts(products: dict[str, Product], now: datetime) -> None:
    """One open, one that somebody is on, one that a restock has settled."""

    def ago(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    open_one = _alert(
        products[SOLD_OUT], "critical", "sold_out", "{} is sold out", now - SOLD_OUT_AGO
    )
    taken = _alert(products[LOW], "warning", "low_stock", "{} is low: 9 left", ago(38))
    settled = _alert(
        products[RESTOCKED], "critical", "critical_stock", "{} is almost gone: 2 left", ago(95)
    )
    taken |= {"acknowledged_by": BY, "acknowledged_at": ago(33), "version": 2}
    settled |= {"acknowledged_by": BY, "acknowledged_at": ago(90), "version": 3}
    settled["resolved_at"] = max(ago(60), shop.day_start(shop.business_day(now)))
    for alert in (settled, open_one, taken):
        db.session.execute(insert(_table("alerts")).values(alert))


def _alert(product: Product, severity: str, kind: str, words: str, at: datetime) -> dict[str, Any]:
    return {
        "subject": f"stock:{product.id}",
        "severity": severity,
        "kind": kind,
        "message": words.format(product.name),
        "product": {"id": str(product.id), "sku": product.sku, "name": product.name},
        "created_at": at,
    }


def _table(name: str) -> Table:
    return db.metadata.tables[name]


def _count(statement: Any) -> int:
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
