"""Take, restock, pause, resume, change: each function that ends in a commit is a transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

import shop
from blueprints.alerts import service as alerts
from blueprints.inventory import board
from blueprints.inventory.models import LEVELS, MAX_STOCK, Product, Refusal, level
from extensions import db

PACE_MINUTES = 5.0
# After this many times PACE_MINUTES nothing is left of a pace; less still is no number to Postgres.
PACE_FORGOTTEN = 100

# Called in the transaction, right before its commit, with what the function returns.
Then = Callable[[Any], object]


class StockError(Exception):
    """An order cannot be served.

    StockError
    ├── UnknownProducts   .names
    ├── OutOfStock        .shortages
    └── Paused            .shortages
    """


class UnknownProducts(StockError):
    """Ids or SKUs that are not in the catalogue."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True)
class Shortage:
    """One product of a refused order, as it stood under our lock."""

    id: int
    sku: str
    name: str
    asked: int
    remaining: int


class OutOfStock(StockError):
    """There is not enough of these products."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__("not enough stock")
        self.shortages = shortages


class Paused(OutOfStock):
    """Ops have paused these products."""


class SkuTaken(Exception):
    """Another product has this SKU already."""


class TooMany(Exception):
    """More units than a product may have in stock."""


# Rows are locked in the order of their ids, so that two orders never wait for each other; the
# lock is held for this statement and what follows up to the commit. The caller's next number is
# drawn on the way, which saves a round trip while they are locked.
_TAKE = """
    UPDATE products AS product
    SET stock = product.stock - wanted.units,
        version = product.version + 1,
        pace = product.pace * exp(-least(
                   extract(epoch FROM now() - product.paced_at) / %(pace_seconds)s,
                   %(pace_forgotten)s
               )) + wanted.units / %(pace_minutes)s,
        paced_at = now()
    FROM (
        SELECT locked.id, asked.units
        FROM unnest(CAST(%(ids)s AS bigint[]), CAST(%(units)s AS int[])) AS asked (id, units)
        JOIN products AS locked ON locked.id = asked.id
        ORDER BY locked.id
        FOR UPDATE OF locked
    ) AS wanted
    WHERE product.id = wanted.id AND product.stock >= wanted.units AND NOT product.paused
    RETURNING product.*, (SELECT nextval(CAST(%(numbers)s AS regclass))) AS number
"""


def take(units: Mapping[int, int], numbers: str) -> tuple[list[Any], int]:
    """Take stock in the caller's transaction, all or nothing.

    Gives the rows after the sale, by id, and the next number of the sequence `numbers`.

    Announces each product's new state and raises its alert on the crossing.
    Raises UnknownProducts, Paused or OutOfStock: the caller has to roll back.
    """
    ids = sorted(units)
    asked = {
        "ids": ids,
        "units": [units[id] for id in ids],
        "pace_seconds": PACE_MINUTES * 60,
        "pace_minutes": PACE_MINUTES,
        "pace_forgotten": PACE_FORGOTTEN,
        "numbers": numbers,
    }
    rows = db.session.connection().exec_driver_sql(_TAKE, asked).all()
    if len(rows) < len(ids):
        _explain(units, {row.id for row in rows})
    for row in rows:
        _announce(row, before=row.stock + units[row.id])
    return sorted(rows, key=lambda row: row.id), rows[0].number


def _explain(units: Mapping[int, int], taken: set[int]) -> None:
    """Raise why some products were not taken; their rows are locked, so it is the real reason."""
    found = {product.id: product for product in _products(list(units))}
    unknown = [str(id) for id in units if id not in found]
    if unknown:
        raise UnknownProducts(unknown)
    missing = [found[id] for id in units if id not in taken]
    paused = [each for each in missing if each.paused]
    if paused:
        raise Paused([_shortage(each, units) for each in paused])
    raise OutOfStock([_shortage(each, units) for each in missing])


def _shortage(product: Product, units: Mapping[int, int]) -> Shortage:
    return Shortage(product.id, product.sku, product.name, units[product.id], product.stock)


def count_refused(units: Mapping[int, int]) -> None:
    """Count an order that was refused, and the units it asked for of the products at fault."""
    day = shop.today()
    products = _products(list(units), lock=True)
    for product in products:
        before = product.refused_units if product.refused_day == day else 0
        product.refused_units, product.refused_day = before + units[product.id], day
        product.version += 1
    for index, product in enumerate(products):
        board.changed(product, "changed", refused_on=day if index == 0 else None)
    db.session.add(Refusal(day=day, units={str(id): asked for id, asked in units.items()}))
    db.session.commit()


def give_back(units: Mapping[int, int]) -> None:
    """Return stock in the caller's transaction, as a cancelled order does."""
    for product in _products(list(units), lock=True):
        _restock(product, units[product.id], "changed")


def ids_of(skus: Sequence[str]) -> dict[str, int]:
    """Product ids by SKU. Raises UnknownProducts."""
    rows = db.session.execute(select(Product.sku, Product.id).where(Product.sku.in_(skus)))
    found: dict[str, int] = dict(rows.all())
    unknown = [sku for sku in skus if sku not in found]
    if unknown:
        raise UnknownProducts(unknown)
    return found


def find(product_id: int) -> Product | None:
    """One product."""
    return db.session.get(Product, product_id)


def page(after: int | None, limit: int) -> list[Product]:
    """Products by id, one more than `limit` if there are more."""
    query = select(Product).order_by(Product.id).limit(limit + 1)
    return list(db.session.scalars(query.where(Product.id > after) if after else query))


def add(then: Then | None = None, **fields: Any) -> Product:
    """Put a product into the catalogue. Raises SkuTaken."""
    product = Product(**fields)
    db.session.add(product)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise SkuTaken(fields["sku"]) from None
    db.session.refresh(product)
    _announce(product, before=MAX_STOCK, kind="changed")
    if then:
        then(product)
    db.session.commit()
    return product


def change(product_id: int, fields: Mapping[str, Any], then: Then | None = None) -> Product | None:
    """Change name, price, threshold or SKU. None if there is no such product; raises SkuTaken."""
    product = _lock(product_id)
    if product is None:
        return None
    was = product.level
    for name, value in fields.items():
        setattr(product, name, value)
    product.version += 1
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise SkuTaken(fields.get("sku", "")) from None
    board.changed(product, "changed")
    if product.level != was:
        eased = LEVELS.index(product.level) < LEVELS.index(was)
        alerts.stock_level(_subject(product), product.level, product.stock, eased=eased)
    if then:
        then(product)
    db.session.commit()
    return product


def restock(product_id: int, units: int, then: Then | None = None) -> Product | None:
    """Add to the stock. None if there is no such product; raises TooMany."""
    product = _lock(product_id)
    if product is None:
        return None
    if product.stock + units > MAX_STOCK:
        raise TooMany
    _restock(product, units, "restocked")
    if then:
        then(product)
    db.session.commit()
    return product


def set_paused(
    paused: bool, by: str, product_ids: Sequence[int] | None, then: Then | None = None
) -> list[Product]:
    """Pause or resume products, or all of them, in one transaction; those asked for.

    One that is already as asked keeps who paused it, and when: twice is the same as once.
    Raises UnknownProducts, with none changed: a product thought to be paused must be.
    """
    products = _products(product_ids, lock=True)
    unknown = set(product_ids or ()) - {product.id for product in products}
    if unknown:
        raise UnknownProducts([str(each) for each in sorted(unknown)])
    for product in products:
        if product.paused == paused:
            continue
        product.paused = paused
        product.paused_by, product.paused_at = (by, shop.now()) if paused else (None, None)
        product.version += 1
        board.changed(product, "paused" if paused else "resumed")
    if then:
        then(products)
    db.session.commit()
    return products


def _restock(product: Product, units: int, kind: str) -> None:
    before = product.stock
    product.stock = before + units
    product.version += 1
    _announce(product, before=before, kind=kind)


def _announce(product: Any, *, before: int, kind: str | None = None) -> None:
    """Tell the board; on the crossing of a level, also the alerts."""
    was, now = level(before, product.threshold), level(product.stock, product.threshold)
    if was != now:
        alerts.stock_level(_subject(product), now, product.stock, eased=product.stock > before)
        if kind in (None, "changed") and now != "ok":
            kind = "sold_out" if now == "sold_out" else "low_stock"
    board.changed(product, kind or "changed")


def _subject(product: Any) -> alerts.ProductName:
    return alerts.ProductName(product.id, product.sku, product.name)


def _lock(product_id: int) -> Product | None:
    return next(iter(_products([product_id], lock=True)), None)


def _products(ids: Sequence[int] | None, *, lock: bool = False) -> list[Product]:
    query = select(Product).order_by(Product.id).execution_options(populate_existing=True)
    if ids is not None:
        query = query.where(Product.id == func.any(list(ids)))
    return list(db.session.scalars(query.with_for_update() if lock else query))
