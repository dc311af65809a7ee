"""The stream, the same object once as JSON, and publishing over HTTP."""

from threading import Lock
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from redis import RedisError

import shop
from blueprints.auth.requires import current_principal, requires, still_valid
from blueprints.stream import channels, description, frames, handoff, plain
from blueprints.stream.hub import Hub
from blueprints.stream.publisher import publish
from extensions import db
from idempotency import idempotent, keep_answer
from problems import Problem, invalid, unavailable

bp = Blueprint("stream", __name__)
_HUB = "flashboard.hub"
_starting = Lock()
RETRY_WHEN_FULL_SECONDS = 20
STREAM_HEADERS = {
    "Content-Type": f"{frames.CONTENT_TYPE}; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


def start(app: Flask) -> Hub:
    """The hub of this process, started once: by gunicorn's worker, else by the first stream."""
    with _starting:
        if _HUB not in app.extensions:
            hub = app.extensions[_HUB] = Hub(app, still_valid)
            hub.start()
        found: Hub = app.extensions[_HUB]
        return found


def snapshot(audience: str = "full") -> dict[str, Any]:
    """The board as `init` shows it. Raises Problem 503 if it cannot be read."""
    hub = current_app.extensions.get(_HUB)
    if hub is None:
        # A process without dashboards, such as a command: read once, keep nothing.
        hub = Hub(current_app._get_current_object(), still_valid)  # type: ignore[attr-defined]
        try:
            hub.load()
        except RedisError:
            raise unavailable("The live board") from None
    found: dict[str, Any] = hub.snapshot(audience)
    return found


def feed_down() -> str | None:
    """Why this worker's feed is down; None when it is up."""
    hub: Hub | None = current_app.extensions.get(_HUB)
    return "The feed has not started" if hub is None else hub.reason


@bp.get("/api/metrics")
@requires("stream:read", role="viewer", display=True, passive=True)
@description.board
def read_metrics() -> dict[str, Any]:
    """The object that `init` carries, once, for pollers and scripts."""
    return snapshot(current_principal().audience)


@bp.get("/api/stream/metrics")
@requires("stream:read", role="viewer", display=True, passive=True)
@description.stream
def stream_metrics() -> Response:
    """Server-Sent Events: `init`, then every change as it happens."""
    names = _asked_channels()
    if request.method == "HEAD":
        return Response(headers=STREAM_HEADERS)
    hub = start(current_app._get_current_object())  # type: ignore[attr-defined]
    principal = current_principal()
    # A stream lasts for hours: it may not keep a connection to Postgres.
    db.session.remove()
    if hub.draining:
        # No error, after which a browser would not come back: a stream that ends at once.
        return Response(hub.last_bytes(), headers=STREAM_HEADERS)
    last_event_id = request.headers.get("Last-Event-ID") or request.args.get("lastEventId")
    cursor = hub.open(last_event_id, principal.audience, names)
    handed_off = shop.settings().stream_handoff and handoff.possible()
    if not hub.slots.acquire(principal.key, principal.owner, plain=not handed_off):
        raise _full()
    try:
        hub.welcome(principal.key)
        first = hub.first_bytes(cursor, last_event_id)
        way = handoff.HandedOff if handed_off else plain.streamed
        return way(hub, cursor, principal.key, first, STREAM_HEADERS)
    except BaseException:
        hub.slots.release(principal.key)
        raise


@bp.post("/api/metrics/<channel>")
@requires("metrics:write")
@description.publishing
@idempotent
def publish_metrics(channel: str) -> tuple[dict[str, str], int]:
    """Publish a JSON object to every open dashboard."""
    data = request.get_json()
    if not isinstance(data, dict):
        raise invalid(("", "the body must be a JSON object"))
    try:
        published = {"id": publish(channel, data)}
    except ValueError as error:
        raise invalid(("channel" if "channel" in str(error) else "", str(error))) from None
    except RedisError:
        raise unavailable("Redis") from None
    keep_answer(dict, 202)(published)
    db.session.commit()
    return published, 202


def _asked_channels() -> frozenset[str] | None:
    asked = request.args.get("channels")
    if not asked:
        return None
    names = frozenset(name.strip() for name in asked.split(","))
    unknown = names - channels.declared().keys() - channels.OWN
    if unknown:
        known = ", ".join(sorted(channels.declared()))
        detail = f"No channel {', '.join(sorted(unknown))[:200]!r}; there are: {known}"
        raise Problem(400, "unknown-channel", "Unknown channel", detail)
    return names


def _full() -> Problem:
    return Problem(
        503,
        "full",
        "No more dashboards can be opened right now",
        "As many are open as one worker takes, or as one caller may have. Close one, or wait.",
        headers={"Retry-After": str(RETRY_WHEN_FULL_SECONDS)},
    )
