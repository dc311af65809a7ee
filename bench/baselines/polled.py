"""The page that is polled, as the documentation of Flask-SQLAlchemy and Flask-Login would have it.

Whoever is signed in is shown a day's figures, the latest orders and what is low; each poll asks
Postgres. The three small tables are its own.
"""

import os
import secrets
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData, func, make_url, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DAYS_ORDERS = 2_000
PRODUCTS = 500
LATEST = 25
LOWEST = 5


class Base(DeclarativeBase):
    """In a schema of their own, beside Flashboard's tables."""

    metadata = MetaData(schema="polled")


app = Flask(__name__)
app.secret_key = secrets.token_hex(32)
app.config["SQLALCHEMY_DATABASE_URI"] = make_url(os.environ["DATABASE_URL"]).set(
    drivername="postgresql+psycopg2"
)
db = SQLAlchemy(app, model_class=Base)
login_manager = LoginManager(app)


class User(UserMixin, db.Model):  # type: ignore[name-defined]
    """Who may look."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Order(db.Model):  # type: ignore[name-defined]
    """What was bought."""

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]
    total: Mapped[int]
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class Product(db.Model):  # type: ignore[name-defined]
    """What is left of it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    remaining: Mapped[int] = mapped_column(index=True)


def fill() -> None:
    """Make the tables, and a day that sold well."""
    db.session.execute(text("DROP SCHEMA IF EXISTS polled CASCADE; CREATE SCHEMA polled"))
    db.session.commit()
    db.create_all()
    now = datetime.now(UTC)
    db.session.add(User(id=1, name="Ada Lovelace"))
    db.session.add_all(
        Order(customer="Grace Hopper", total=1250, placed_at=now - timedelta(seconds=number))
        for number in range(DAYS_ORDERS)
    )
    db.session.add_all(
        Product(name=f"Trail Shoe {number}", remaining=number % 97) for number in range(PRODUCTS)
    )
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


with app.app_context():
    fill()


@login_manager.user_loader
def load_user(id: str) -> User | None:
    """Whose session it is."""
    found: User | None = db.session.get(User, int(id))
    return found


@app.get("/ready")
def ready() -> str:
    """Whether it runs."""
    return "yes"


@app.get("/sign-in")
def sign_in() -> str:
    """Start a session."""
    login_user(db.session.get_one(User, 1))
    return "welcome"


@app.get("/api/metrics")
@login_required
def metrics() -> dict[str, object]:
    """The day's figures, its latest orders, and what is low."""
    a_day_ago = datetime.now(UTC) - timedelta(days=1)
    counted = select(func.count(), func.sum(Order.total)).where(Order.placed_at > a_day_ago)
    count, revenue = db.session.execute(counted).one()
    latest = db.session.scalars(select(Order).order_by(Order.placed_at.desc()).limit(LATEST))
    lowest = db.session.scalars(select(Product).order_by(Product.remaining).limit(LOWEST))
    return {
        "orders": count,
        "revenue": revenue,
        "latest": [
            {"id": each.id, "customer": each.customer, "total": each.total, "at": each.placed_at}
            for each in latest
        ],
        "lowest": [
            {"id": each.id, "name": each.name, "remaining": each.remaining} for each in lowest
        ],
    }
