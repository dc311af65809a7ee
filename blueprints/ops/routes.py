"""Health for whoever runs the processes."""

from typing import Any

from flask import Blueprint

from blueprints.auth.requires import public
from blueprints.ops import health
from problems import RETRY_AFTER_SECONDS, Problem

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
@public
def healthz() -> dict[str, str]:
    """This process is alive. It asks nobody else: restarting us would not mend an outage there."""
    return {"status": health.OK}


@bp.get("/readyz")
@public
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
