"""Products and their stock."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, Float, Integer, String, func
from sqlalchemy.orm import Mapped, mapped_column

from extensions import Model, db

DEFAULT_THRESHOLD = 10
CRITICAL_BELOW = 3
MAX_STOCK = 10_000_000
LEVELS = ("ok", "low", "critical", "sold_out")  # how a stock stands, from good to bad


class Product(Model):
    """One thing the shop sells. `version` grows with every change and orders its events."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("stock >= 0", name="stock_not_negative"),
        CheckConstraint("price >= 0", name="price_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    price: Mapped[int] = mapped_column(BigInteger)  # minor units
    stock: Mapped[int] = mapped_column(Integer)
    threshold: Mapped[int] = mapped_column(Integer, server_default=str(DEFAULT_THRESHOLD))
    paused: Mapped[bool] = mapped_column(Boolean, server_default="false")
    paused_by: Mapped[str | None] = mapped_column(String(200))
    paused_at: Mapped[datetime | None] = mapped_column(db.DateTime(timezone=True))
    refused_units: Mapped[int] = mapped_column(BigInteger, server_default="0")
    refused_day: Mapped[date | None] = mapped_column(Date)
    # Units sold a minute, as of `paced_at`: an average that forgets with PACE_MINUTES.
    pace: Mapped[float] = mapped_column(Float, server_default="0")
    paced_at: Mapped[datetime] = mapped_column(
        db.DateTime(timezone=True), server_default=func.now()
    )
    sample: Mapped[bool] = mapped_column(Boolean, server_default="false")
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    created_at: Mapped[datetime] = mapped_column(
        db.DateTime(timezone=True), server_default=func.now()
    )

    @property
    def level(self) -> str:
        """How the stock stands: ok, low, critical or sold_out."""
        return level(self.stock, self.threshold)


class Refusal(Model):
    """Units that were asked for and not sold: demand, and proof that nothing was oversold."""

    __tablename__ = "refusals"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    created_at: Mapped[datetime] = mapped_column(
        db.DateTime(timezone=True), server_default=func.now()
    )
    units: Mapped[dict[str, int]] = mapped_column(db.JSON)  # product id: units asked for


def level(stock: int, threshold: int) -> str:
    """How a stock stands against its threshold: ok, low, critical or sold_out."""
    if stock == 0:
        return "sold_out"
    if stock < min(CRITICAL_BELOW, threshold):
        return "critical"
    return "low" if stock < threshold else "ok"
