"""What inventory shows: the products that are low, lowest first, and how many were refused."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from blueprints import stream
from blueprints.inventory import schemas
from blueprints.inventory.models import Product, Refusal


def recount(connection: Connection, day: date) -> Mapping[str, Any]:
    """The board's fields from Postgres."""
    refused = select(func.count()).select_from(Refusal).where(Refusal.day == day)
    low = select(Product.__table__).where(Product.stock < Product.threshold)
    return {
        "ordersRefusedToday": connection.execute(refused).scalar_one(),
        "lowStockAlerts": [
            stream.Item(str(row.id), row.version, schemas.product(row, day))
            for row in connection.execute(low)
        ],
    }


stream.channel(
    "inventory",
    fields=[
        stream.Counter("ordersRefusedToday"),
        stream.Latest(
            "lowStockAlerts",
            show=lambda product: product["lowStock"],
            order=lambda product: (product["remaining"], product["name"], product["id"]),
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
