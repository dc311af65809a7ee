"""Health and meters for whoever runs the processes, a rehearsal for whoever tries it out."""

from typing import Any

from flask import Blueprint, Response
from redis import RedisError

from api import documents
from blueprints.auth.requires import current_principal, public, requires
from blueprints.ops import health, openapi, prometheus, reference, rehearsal
from blueprints.ops.sale import Plan
from idempotency import idempotent, keep_answer
from problems import RETRY_AFTER_SECONDS, Problem, unavailable

bp = Blueprint(
    "ops",
    __name__,
    cli_group=None,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/ops",
)

_OK = {"const": health.OK}
HEALTH = {"type": "object", "properties": {"status": _OK}, "required": ["status"]}
READINESS = {
    "type": "object",
    "properties": {
        "status": _OK,
        "checks": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["status", "checks"],
}
REHEARSAL = {
    "type": "object",
    "properties": {"ordersPerSecond": {"type": "number"}, "seconds": {"type": "number"}},
    "required": ["ordersPerSecond", "seconds"],
}


@bp.get("/openapi.json")
@public
@documents({200: {"type": "object"}})
def describe() -> dict[str, Any]:
    """This description."""
    return openapi.description()


@bp.get("/docs")
@public
def docs() -> str:
    """The description as a page to read."""
    return reference.page()


@bp.get("/healthz")
@public
@documents({200: HEALTH})
def healthz() -> dict[str, str]:
    """This process is alive. It asks nobody else: restarting us would not mend an outage there."""
    return {"status": health.OK}


@bp.get("/readyz")
@public
@documents({200: READINESS})
def readyz() -> dict[str, Any]:
    """Postgres, Redis and the feed answer; else 503, naming what does not."""
    checks = health.checks()
    failed = {part: reason for part, reason in checks.items() if reason != health.OK}
    if failed:
        raise Problem(
            503,
            "not-ready",
            "Not ready",
            "; ".join(failed.values()),
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            checks=checks,
        )
    return {"status": health.OK, "checks": checks}


@bp.get("/metrics")
@requires("ops:read", open_if="metrics_public")
@documents({200: {"type": "string"}}, media="text/plain")
def metrics() -> Response:
    """Meters of all workers, for Prometheus."""
    return prometheus.exposition()


@bp.post("/api/rehearsal")
@requires(role="operator")
@documents({202: REHEARSAL}, {409: "One is running, or this is no sample shop"})
@idempotent
def begin_rehearsal() -> tuple[dict[str, Any], int]:
    """Sell to made-up buyers for less than a minute; on the sample shop only, one at a time."""
    try:
        plan = rehearsal.begin(current_principal(), keep_answer(_plan, 202))
    except RedisError:
        raise unavailable("Redis") from None
    return _plan(plan), 202


def _plan(plan: Plan) -> dict[str, Any]:
    return {"ordersPerSecond": plan.per_second, "seconds": plan.seconds}


@bp.app_context_processor
def _sample() -> dict[str, Any]:
    return {"sample": rehearsal.SampleShop()}
