"""Orders as JSON, in and out."""

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

import shop
from api import Id, Line, Text, Wire, either
from blueprints.orders.models import AnOrder, OrderLine, PlacedLine
from wire import ID

MAX_LINES = 100
MAX_QUANTITY = 10_000
Sku = Annotated[Text, Field(max_length=64)]


class NewLine(Wire):
    """How many of a product, named by id or by SKU."""

    model_config = either(productId={"type": "string"}, sku={"type": "string"})

    product_id: Id | None = None
    sku: Sku | None = None
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]

    @field_validator("product_id")
    @classmethod
    def _number(cls, product_id: str | None) -> str | None:
        if product_id is not None and not ID.fullmatch(product_id):
            raise ValueError("is not a product's id")
        return product_id

    @model_validator(mode="after")
    def _one_of_both(self) -> "NewLine":
        if (self.product_id is None) == (self.sku is None):
            raise ValueError("give either productId or sku")
        return self


class NewOrder(Wire):
    """An order. Prices come from the catalogue: one in the request is refused, not ignored."""

    customer: Line
    items: Annotated[list[NewLine], Field(min_length=1, max_length=MAX_LINES)]


class LineOut(Wire):
    """A line of an order."""

    product_id: str
    sku: str
    name: str
    quantity: int
    price: float
    total: float


class OrderOut(Wire):
    """An order as the board shows it; `items` is its number of units."""

    id: str
    customer: str
    total: float
    items: int
    status: str
    created_at: str


class OrderWithLines(OrderOut):
    """An order with its lines."""

    lines: list[LineOut]


class Orders(Wire):
    """A page of orders, newest first."""

    items: list[OrderOut]
    next_cursor: str | None


def order(row: Any) -> dict[str, Any]:
    """An order's row as JSON."""
    return {
        "id": str(row.id),
        "customer": row.customer,
        "total": shop.amount(row.total),
        "items": row.units,
        "status": row.status,
        "createdAt": shop.iso(row.placed_at),
    }


def order_with_lines(placed: AnOrder) -> dict[str, Any]:
    """An order and its lines as JSON."""
    return order(placed) | {"lines": [_line(each) for each in placed.lines]}


def _line(line: OrderLine | PlacedLine) -> dict[str, Any]:
    return {
        "productId": str(line.product_id),
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "price": shop.amount(line.price),
        "total": shop.amount(line.price * line.quantity),
    }
