"""Raise an alert from another service; acknowledge one from the page."""

from typing import Any

from flask import Blueprint
from spectree import Response

from api import spec
from blueprints.alerts import schemas, service
from blueprints.auth.requires import audit, current_principal, requires
from idempotency import idempotent, keep_answer
from problems import not_found

bp = Blueprint(
    "alerts",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/alerts",
)
TAGS = ["alerts"]


@bp.post("/api/alerts")
@requires("alerts:write", role="operator")
@spec.validate(resp=Response(HTTP_201=schemas.AlertOut), tags=TAGS)
@idempotent
def create(json: schemas.NewAlert) -> tuple[dict[str, Any], int]:
    """Raise an alert on every dashboard."""
    keep = keep_answer(schemas.alert, 201)
    return schemas.alert(service.raise_alert(json.severity, json.message, json.kind, keep)), 201


@bp.post("/api/alerts/<id:alert_id>/acknowledge")
@requires("alerts:write", role="operator")
@spec.validate(resp=Response(HTTP_200=schemas.AlertOut), tags=TAGS)
@idempotent
def acknowledge(alert_id: int) -> dict[str, Any]:
    """Say that somebody is on it."""
    return _set_acknowledged(True, alert_id)


@bp.post("/api/alerts/<id:alert_id>/unacknowledge")
@requires("alerts:write", role="operator")
@spec.validate(resp=Response(HTTP_200=schemas.AlertOut), tags=TAGS)
@idempotent
def unacknowledge(alert_id: int) -> dict[str, Any]:
    """Take an acknowledgement back."""
    return _set_acknowledged(False, alert_id)


def _set_acknowledged(acknowledged: bool, alert_id: int) -> dict[str, Any]:
    by = current_principal()
    audit(by, "acknowledge" if acknowledged else "unacknowledge", f"alert:{alert_id}")
    keep = keep_answer(schemas.alert)
    alert = service.set_acknowledged(alert_id, by.name if acknowledged else None, keep)
    if alert is None:
        raise not_found("alert")
    return schemas.alert(alert)
