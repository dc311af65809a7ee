"""Orders and their lines."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import Model, db

PLACED, CANCELLED = "placed", "cancelled"


class Order(Model):
    """What a customer bought. `day` is the business day it was placed on, and counts for."""

    __tablename__ = "orders"
    __table_args__ = (
        # Counting a day, and comparing minutes of two days, read this index alone.
        Index("ix_orders_counted", "placed_at", "total", postgresql_where="status <> 'cancelled'"),
        Index("ix_orders_day", "day", "total", postgresql_where="status <> 'cancelled'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    customer: Mapped[str] = mapped_column(String(200))
    total: Mapped[int] = mapped_column(BigInteger)  # minor units
    units: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16), server_default=PLACED)
    day: Mapped[date] = mapped_column(Date)
    placed_at: Mapped[datetime] = mapped_column(db.DateTime(timezone=True))
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")

    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order", order_by="OrderLine.product_id", cascade="all, delete-orphan"
    )


class OrderLine(Model):
    """How many of one product, at the price of that moment."""

    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(
        ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(Integer)
    price: Mapped[int] = mapped_column(BigInteger)  # minor units

    order: Mapped[Order] = relationship(back_populates="lines")


ORDER_COUNTS = Order.status != CANCELLED


class PlacedLine(NamedTuple):
    """What an OrderLine is made of."""

    product_id: int
    sku: str
    name: str
    quantity: int
    price: int


class Placed(NamedTuple):
    """What an Order is made of: a row that is only written costs no more than this."""

    id: int
    customer: str
    total: int
    units: int
    status: str
    day: date
    placed_at: datetime
    version: int
    lines: list[PlacedLine]


AnOrder = Order | Placed
