"""The stream, the same object once as JSON, and publishing over HTTP."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from redis import RedisError

import shop
from blueprints.auth.requires import current_principal, requires
from blueprints.stream import channels, frames, handoff
from blueprints.stream.hub import Hub
from blueprints.stream.publisher import publish
from blueprints.stream.ring import Cursor
from extensions import db
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
            hub = app.extensions[_HUB] = Hub(app)
            hub.start()
        found: Hub = app.extensions[_HUB]
        return found


def snapshot(audience: str = "full") -> dict[str, Any]:
    """The board as `init` shows it. Raises Problem 503 if it cannot be read."""
    hub = current_app.extensions.get(_HUB)
    if hub is None:
        # A process without dashboards, such as a command: read once, keep nothing.
        hub = Hub(current_app._get_current_object())  # type: ignore[attr-defined]
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
def read_metrics() -> dict[str, Any]:
    """The object that `init` carries, once, for pollers and scripts."""
    return snapshot(current_principal().audience)


@bp.get("/api/stream/metrics")
@requires("stream:read", role="viewer", display=True, passive=True)
def stream_metrics() -> Response:
    """Server-Sent Events: `init`, then every change as it happens."""
    names = _asked_channels()
    if request.method == "HEAD":
        return Response(headers=STREAM_HEADERS)
    hub = start(current_app._get_current_object())  # type: ignore[attr-defined]
    principal = current_principal()
    # A stream lasts for hours: it may not keep a connection to Postgres.
    db.session.remove()
    last_event_id = request.headers.get("Last-Event-ID") or request.args.get("lastEventId")
    cursor = hub.open(last_event_id, principal.audience, names)
    if hub.draining or not hub.slots.acquire(principal.key):
        raise _full()
    hub.welcome(principal.key)
    first = hub.first_bytes(cursor, last_event_id)
    if shop.settings().stream_handoff and handoff.possible():
        return handoff.HandedOff(hub, cursor, principal.key, first, STREAM_HEADERS)
    response = Response(_events(hub, cursor, principal.key, first), headers=STREAM_HEADERS)
    # Also when the client has gone before the generator's first step.
    response.call_on_close(lambda: hub.slots.release(principal.key))
    return response


def _events(hub: Hub, cursor: Cursor, principal: str, first: bytes) -> Iterator[bytes]:
    """The plain way, for any WSGI server: what handoff.py does without a thread for each."""
    yield first
    while hub.may_stay(principal):
        # Taken before reading: what comes in between sets it.
        tick = hub.tick
        if chunk := hub.read(cursor):
            yield chunk
        else:
            tick.wait()
    yield hub.last_bytes()


@bp.post("/api/metrics/<channel>")
@requires("metrics:write")
def publish_metrics(channel: str) -> tuple[dict[str, str], int]:
    """Publish a JSON object to every open dashboard."""
    data = request.get_json()
    if not isinstance(data, dict):
        raise invalid(("", "the body must be a JSON object"))
    try:
        return {"id": publish(channel, data)}, 202
    except ValueError as error:
        raise invalid(("channel" if "channel" in str(error) else "", str(error))) from None
    except RedisError:
        raise unavailable("Redis") from None


def _asked_channels() -> frozenset[str] | None:
    asked = request.args.get("channels")
    if not asked:
        return None
    names = frozenset(name.strip() for name in asked.split(","))
    unknown = names - channels.declared().keys() - channels.RESERVED
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
        headers={"Retry-After": str(RETRY_WHEN_FULL_SECONDS)},
    )
