"""What inventory shows: the products that need somebody, lowest first; how many were refused."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from blueprints import stream
from blueprints.inventory import schemas
from blueprints.inventory.models import Product, Refusal

# So many are shown whether or not they need somebody.
LEAST = 5
# So many of the lowest a recount brings: from then on, each one that changes comes with its event.
NEAREST = 100


def recount(connection: Connection, day: date) -> Mapping[str, Any]:
    """The board's fields from Postgres."""
    refused = select(func.count()).select_from(Refusal).where(Refusal.day == day)
    nearest = select(Product.id).order_by(Product.stock, Product.id).limit(NEAREST)
    wanted = or_(
        Product.stock < Product.threshold,
        Product.paused,
        and_(Product.refused_day == day, Product.refused_units > 0),
        Product.id.in_(nearest),
    )
    products = select(Product.__table__).where(wanted)
    return {
        "ordersRefusedToday": connection.execute(refused).scalar_one(),
        "lowStockAlerts": [
            stream.Item(str(row.id), row.version, schemas.product(row, day))
            for row in connection.execute(products)
        ],
    }


stream.channel(
    "inventory",
    fields=[
        stream.Counter("ordersRefusedToday"),
        stream.Latest(
            "lowStockAlerts",
            show=lambda product: product["lowStock"] or product["paused"] or product["refused"],
            order=lambda product: (product["remaining"], product["name"], product["id"]),
            least=LEAST,
        ),
    ],
    shows=["ordersRefusedToday"],
    gather=stream.Gather(item="product", into="products"),
    recount=recount,
)


def changed(product: Any, kind: str, *, refused_on: date | None = None) -> None:
    """Announce a product's new state; with `refused_on`, that an order was refused that day."""
    stream.record(
        "inventory",
        {"type": kind},
        item=schemas.product(product),
        key=str(product.id),
        version=product.version,
        day=refused_on,
        add={"ordersRefusedToday": 1} if refused_on else None,
    )
