"""Place and cancel orders: each function is one transaction, with its commit at the end."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

import shop
from blueprints import stream
from blueprints.inventory import service as inventory
from blueprints.orders import board
from blueprints.orders.models import CANCELLED, PLACED, AnOrder, Order, Placed, PlacedLine
from extensions import db

# Called in the transaction, right before its commit.
Then = Callable[[AnOrder], object]

# Written with the events, in one round trip, because the stock's rows are locked meanwhile.
_INSERT = """
    INSERT INTO orders (id, customer, total, units, status, day, placed_at, version)
    VALUES (%(id)s, %(customer)s, %(total)s, %(units)s, %(status)s, %(day)s, %(placed_at)s,
            %(version)s);
    INSERT INTO order_lines (order_id, product_id, sku, name, quantity, price)
    SELECT %(id)s, line.*
    FROM unnest(
        CAST(%(product_ids)s AS bigint[]), CAST(%(skus)s AS text[]), CAST(%(names)s AS text[]),
        CAST(%(quantities)s AS int[]), CAST(%(prices)s AS bigint[])
    ) AS line
"""
_ORDER_NUMBERS = "orders_id_seq"


class TotalTooLarge(Exception):
    """The order would cost more than can be counted exactly."""


@dataclass(frozen=True)
class Wanted:
    """Units of a product, which is named by id or by SKU."""

    product_id: int | None
    sku: str | None
    units: int


def place(customer: str, wanted: Sequence[Wanted], then: Then | None = None) -> Placed:
    """Place an order at the catalogue's prices; nothing of it is kept if it cannot be served.

    Raises inventory.UnknownProducts, inventory.Paused, inventory.OutOfStock or TotalTooLarge.
    """
    units = _units_by_product(wanted)
    try:
        products, number = inventory.take(units, _ORDER_NUMBERS)
    except inventory.OutOfStock as refused:
        db.session.rollback()
        inventory.count_refused({each.id: each.asked for each in refused.shortages})
        raise
    order = _order(number, customer, products, units)
    if order.total > shop.MAX_MINOR_UNITS:
        raise TotalTooLarge
    board.placed(order)
    stream.write_along(_INSERT, _as_parameters(order))
    if then:
        then(order)
    db.session.commit()
    return order


def _order(number: int, customer: str, products: Sequence[Any], units: Counter[int]) -> Placed:
    placed_at = shop.now()
    return Placed(
        id=number,
        customer=customer,
        total=sum(product.price * units[product.id] for product in products),
        units=units.total(),
        status=PLACED,
        day=shop.business_day(placed_at),
        placed_at=placed_at,
        version=1,
        lines=[
            PlacedLine(each.id, each.sku, each.name, units[each.id], each.price)
            for each in products
        ],
    )


def _as_parameters(order: Placed) -> dict[str, Any]:
    names = ("product_ids", "skus", "names", "quantities", "prices")
    columns = zip(*order.lines, strict=True)
    return order._asdict() | {
        name: list(column) for name, column in zip(names, columns, strict=True)
    }


def cancel(order_id: int, then: Then | None = None) -> Order | None:
    """Cancel an order: its stock is back, its day counts it no more. Twice is the same as once.

    None if there is no such order.
    """
    order = _lock(order_id)
    if order is None:
        return None
    if order.status != CANCELLED:
        order.status = CANCELLED
        order.version += 1
        inventory.give_back({line.product_id: line.quantity for line in order.lines})
        board.cancelled(order)
    if then:
        then(order)
    db.session.commit()
    return order


def find(order_id: int) -> Order | None:
    """One order with its lines."""
    return db.session.get(Order, order_id, options=[selectinload(Order.lines)])


def page(below: int | None, limit: int) -> list[Order]:
    """Orders, newest first, one more than `limit` if there are more."""
    query = select(Order).order_by(Order.id.desc()).limit(limit + 1)
    return list(db.session.scalars(query.where(Order.id < below) if below else query))


def _lock(order_id: int) -> Order | None:
    query = select(Order).where(Order.id == order_id).options(selectinload(Order.lines))
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _units_by_product(wanted: Sequence[Wanted]) -> Counter[int]:
    """The same product on two lines is added up, so that both are checked together."""
    skus = sorted({each.sku for each in wanted if each.sku is not None})
    id_of = inventory.ids_of(skus) if skus else {}
    units: Counter[int] = Counter()
    for each in wanted:
        units[id_of[each.sku] if each.sku is not None else int(each.product_id or 0)] += each.units
    return units
