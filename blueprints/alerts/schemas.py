"""Alerts as JSON, in and out."""

from typing import Annotated, Any, Literal

from pydantic import Field

import shop
from api import Text, Wire


class NewAlert(Wire):
    """An alert that another service raises."""

    severity: Literal["info", "warning", "critical"]
    message: Annotated[Text, Field(max_length=500)]
    kind: Annotated[str, Field(pattern="^[a-z][a-z0-9_.-]{0,63}$")] = "custom"


class AlertOut(Wire):
    """An alert as the board and the API show it."""

    id: str
    severity: str
    kind: str
    message: str
    product: dict[str, str] | None
    created_at: str
    acknowledged: bool
    acknowledged_by: str | None
    acknowledged_at: str | None
    resolved_at: str | None


def alert(row: Any) -> dict[str, Any]:
    """An alert's row as JSON."""
    return {
        "id": str(row.id),
        "severity": row.severity,
        "kind": row.kind,
        "message": row.message,
        "product": row.product,
        "createdAt": shop.iso(row.created_at),
        "acknowledged": row.acknowledged_at is not None,
        "acknowledgedBy": row.acknowledged_by,
        "acknowledgedAt": shop.iso(row.acknowledged_at),
        "resolvedAt": shop.iso(row.resolved_at),
    }
