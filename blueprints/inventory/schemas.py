"""Products as JSON, in and out."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

import shop
from api import Id, Line, Text, Wire, either
from blueprints.inventory.models import DEFAULT_THRESHOLD, MAX_STOCK
from wire import ID

DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]{1,3})?")


def _number(value: Any) -> Any:
    """Text too, for those whose JSON would round; nothing else that Decimal would make of it."""
    if isinstance(value, bool) or (isinstance(value, str) and not DECIMAL.fullmatch(value)):
        raise ValueError("must be a number")
    return value


def _price(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("may not be negative")
    shop.minor_units(value)
    return value


Price = Annotated[
    Decimal,
    Field(strict=False, max_digits=15),
    BeforeValidator(_number),
    AfterValidator(_price),
    WithJsonSchema({"title": "Price", "type": ["number", "string"]}),
]
Stock = Annotated[int, Field(ge=0, le=MAX_STOCK)]
Sku = Annotated[Text, Field(max_length=64)]


class NewProduct(Wire):
    """A product for the catalogue; `remaining` is its stock."""

    sku: Sku
    name: Line
    price: Price
    remaining: Stock
    threshold: Stock = DEFAULT_THRESHOLD

    def fields(self) -> dict[str, Any]:
        """As columns."""
        return {
            "sku": self.sku,
            "name": self.name,
            "price": shop.minor_units(self.price),
            "stock": self.remaining,
            "threshold": self.threshold,
        }


_NOT_GIVEN: Any = Field(default_factory=lambda: None)


class ProductChange(Wire):
    """What may be changed; stock changes by orders and restocks alone, so that none is lost."""

    # What is not given stays as it is; null is not "not given".
    sku: Sku = _NOT_GIVEN
    name: Line = _NOT_GIVEN
    price: Price = _NOT_GIVEN
    threshold: Stock = _NOT_GIVEN

    def fields(self) -> dict[str, Any]:
        """As columns, those that were given."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "price" in given:
            given["price"] = shop.minor_units(given["price"])
        return given


class Restock(Wire):
    """How many units came in."""

    quantity: Annotated[int, Field(ge=1, le=100_000)]


class RestockForm(Wire):
    """The same from an HTML form, where all is text; `key` makes a second press harmless."""

    model_config = ConfigDict(extra="ignore", strict=False)

    quantity: Annotated[int, Field(ge=1, le=100_000)]
    key: Annotated[str, Field(pattern=r"^[\w-]{1,100}$")]


class Selection(Wire):
    """Several products by id, or all of them."""

    model_config = either(ids={"type": "array"}, all={"const": True})

    ids: list[Id] | None = Field(None, min_length=1, max_length=1_000)
    all: bool = False

    @field_validator("ids")
    @classmethod
    def _numbers(cls, ids: list[str] | None) -> list[str] | None:
        for each in ids or ():
            if not ID.fullmatch(each):
                raise ValueError(f"{each[:40]!r} is not a product's id")
        return ids

    @model_validator(mode="after")
    def _one_of_both(self) -> "Selection":
        if (self.ids is None) == (not self.all):
            raise ValueError("give either ids or all: true")
        return self

    def product_ids(self) -> list[int] | None:
        """The ids; None means all."""
        return None if self.ids is None else [int(each) for each in self.ids]


class ProductOut(Wire):
    """A product as the board and the API show it."""

    id: str
    sku: str
    name: str
    price: float
    remaining: int
    threshold: int
    low_stock: bool
    paused: bool
    paused_by: str | None
    paused_at: str | None
    refused: int
    pace: float
    sold_out_at: dict[str, str] | None


class Products(Wire):
    """Products by id, a page of them."""

    items: list[ProductOut]
    next_cursor: str | None


def product(row: Any, day: date | None = None) -> dict[str, Any]:
    """A product's row as JSON. `refused` counts for `day`, by default today."""
    day = day or shop.today()
    return {
        "id": str(row.id),
        "sku": row.sku,
        "name": row.name,
        "price": shop.amount(row.price),
        "remaining": row.stock,
        "threshold": row.threshold,
        "lowStock": row.stock < row.threshold,
        "paused": row.paused,
        "pausedBy": row.paused_by,
        "pausedAt": shop.iso(row.paused_at),
        "refused": row.refused_units if row.refused_day == day else 0,
        "pace": round(float(row.pace), 1),  # as of the product's last change
        "soldOutAt": None,
    }
