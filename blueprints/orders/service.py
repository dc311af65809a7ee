"""Place and cancel orders: each function is one transaction, with its commit at the end."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

import shop
from blueprints.inventory import service as inventory
from blueprints.orders import board
from blueprints.orders.models import CANCELLED, PLACED, Order, OrderLine
from extensions import db

# Called in the transaction, right before its commit.
Then = Callable[[Order], object]


@dataclass(frozen=True)
class Wanted:
    """Units of a product, which is named by id or by SKU."""

    product_id: int | None
    sku: str | None
    units: int


def place(customer: str, wanted: Sequence[Wanted], then: Then | None = None) -> Order:
    """Place an order at the catalogue's prices; nothing of it is kept if it cannot be served.

    Raises inventory.UnknownProducts, inventory.Paused or inventory.OutOfStock.
    """
    units = _units_by_product(wanted)
    try:
        products = inventory.take(units)
    except inventory.OutOfStock as refused:
        db.session.rollback()
        inventory.count_refused({each.product.id: each.asked for each in refused.shortages})
        raise
    placed_at = shop.now()
    order = Order(
        customer=customer,
        total=sum(product.price * units[product.id] for product in products),
        units=sum(units.values()),
        status=PLACED,
        day=shop.business_day(placed_at),
        placed_at=placed_at,
        version=1,
        lines=[
            OrderLine(
                product_id=product.id,
                sku=product.sku,
                name=product.name,
                quantity=units[product.id],
                price=product.price,
            )
            for product in sorted(products, key=lambda each: each.id)
        ],
    )
    db.session.add(order)
    db.session.flush()
    board.placed(order)
    if then:
        then(order)
    db.session.commit()
    return order


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
    return db.session.scalar(query.with_for_update())


def _units_by_product(wanted: Sequence[Wanted]) -> Counter[int]:
    """The same product on two lines is added up, so that both are checked together."""
    skus = sorted({each.sku for each in wanted if each.sku is not None})
    id_of = inventory.ids_of(skus) if skus else {}
    units: Counter[int] = Counter()
    for each in wanted:
        units[id_of[each.sku] if each.sku is not None else int(each.product_id or 0)] += each.units
    return units
