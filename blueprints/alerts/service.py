"""Raise, acknowledge and take back alerts; keep a product's one open alert at its level."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

import shop
from blueprints.alerts import board
from blueprints.alerts.models import Alert
from extensions import db

# Level of a stock: severity, kind, message.
LEVELS = {
    "low": ("warning", "low_stock", "{name} is low: {stock} left"),
    "critical": ("critical", "critical_stock", "{name} is almost gone: {stock} left"),
    "sold_out": ("critical", "sold_out", "{name} is sold out"),
}

# Called in the transaction, right before its commit.
Then = Callable[[Alert], object]


@dataclass(frozen=True)
class ProductName:
    """The product an alert is about."""

    id: int
    sku: str
    name: str


def stock_level(product: ProductName, level: str, stock: int, *, eased: bool = False) -> None:
    """A product's stock has crossed to a level: in the caller's transaction, open its alert, move
    the open one to the new level, or resolve it when the level is `ok`.

    A worse level is news even to whoever has acknowledged the one before; one that `eased` is not.
    """
    subject = f"stock:{product.id}"
    if level == "ok":
        _resolve(subject)
        return
    severity, kind, message = LEVELS[level]
    fields = {
        "severity": severity,
        "kind": kind,
        "message": message.format(name=product.name[:300], stock=stock),
        "product": {"id": str(product.id), "sku": product.sku, "name": product.name},
    }
    fresh = {} if eased else {"acknowledged_by": None, "acknowledged_at": None}
    statement = (
        insert(Alert)
        .values(subject=subject, **fields)
        .on_conflict_do_update(
            index_elements=["subject"],
            index_where=Alert.resolved_at.is_(None),
            set_=fields | fresh | {"version": Alert.version + 1},
        )
        .returning(Alert)
        .execution_options(populate_existing=True)
    )
    board.changed(db.session.scalars(statement).one())


def raise_alert(severity: str, message: str, kind: str, then: Then | None = None) -> Alert:
    """Raise an alert that is not about a product's stock."""
    alert = Alert(severity=severity, message=message, kind=kind)
    db.session.add(alert)
    db.session.flush()
    db.session.refresh(alert)
    return _commit(alert, then)


def set_acknowledged(alert_id: int, by: str | None, then: Then | None = None) -> Alert | None:
    """Acknowledge an alert, or take that back (`by` is None). None if there is no such alert.

    The first to acknowledge stays named: twice is the same as once.
    """
    alert = db.session.scalar(select(Alert).where(Alert.id == alert_id).with_for_update())
    if alert is None:
        return None
    if (alert.acknowledged_at is None) == (by is None):
        if then:
            then(alert)
        db.session.commit()
        return alert
    alert.acknowledged_by, alert.acknowledged_at = by, shop.now() if by else None
    alert.version += 1
    return _commit(alert, then)


def _resolve(subject: str) -> None:
    query = select(Alert).where(Alert.subject == subject, Alert.resolved_at.is_(None))
    alert = db.session.scalar(query.with_for_update())
    if alert:
        alert.resolved_at = shop.now()
        alert.version += 1
        board.changed(alert)


def _commit(alert: Alert, then: Then | None) -> Alert:
    board.changed(alert)
    if then:
        then(alert)
    db.session.commit()
    return alert
