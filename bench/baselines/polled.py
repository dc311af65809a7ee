"""The page that is polled: a plain Flask route that asks Postgres each time, as shops have it.

Two small tables of its own: a day's orders, and 500 products.
"""

import os

from flask import Flask
from sqlalchemy import create_engine, make_url, text

DAYS_ORDERS = 2_000
PRODUCTS = 500

app = Flask(__name__)
engine = create_engine(make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg2"))

with engine.begin() as connection:
    connection.execute(
        text(
            "CREATE SCHEMA IF NOT EXISTS polled;"
            "CREATE TABLE IF NOT EXISTS polled.orders AS SELECT id, 'Grace Hopper' AS customer, "
            f"1250 AS total, now() - id * interval '1 second' AS placed_at "
            f"FROM generate_series(1, {DAYS_ORDERS}) AS id;"
            "CREATE INDEX IF NOT EXISTS placed ON polled.orders (placed_at, total);"
            "CREATE TABLE IF NOT EXISTS polled.products AS SELECT id, 'Trail Shoe' AS name, "
            f"id % 97 AS remaining FROM generate_series(1, {PRODUCTS}) AS id;"
            "ANALYZE polled.orders, polled.products"
        )
    )

COUNTED = text(
    "SELECT count(*), sum(total) FROM polled.orders WHERE placed_at > now() - interval '1 day'"
)
LATEST = text(
    "SELECT id, customer, total, placed_at FROM polled.orders ORDER BY placed_at DESC LIMIT 25"
)
LOWEST = text("SELECT id, name, remaining FROM polled.products ORDER BY remaining LIMIT 5")


@app.get("/ready")
def ready() -> str:
    """Whether it runs."""
    return "yes"


@app.get("/api/metrics")
def metrics() -> dict[str, object]:
    """The day's figures, its latest orders, and what is low."""
    with engine.connect() as connection:
        count, revenue = connection.execute(COUNTED).one()
        latest = [dict(row) for row in connection.execute(LATEST).mappings()]
        lowest = [dict(row) for row in connection.execute(LOWEST).mappings()]
    return {"orders": count, "revenue": revenue, "latest": latest, "lowest": lowest}
