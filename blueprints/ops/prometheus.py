"""What Prometheus asks for: requests by route and status, and whatever the engine measures.

All workers of a gunicorn share their numbers through files, so that any of them answers for all.
"""

import os
import time

from flask import Response, g, request
from flask.sansio.app import App
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
STREAM_TYPE = "text/event-stream"

# By route, never by path: ids in labels would be without end.
REQUESTS = Counter("flashboard_http_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "flashboard_http_request_seconds",
    "From a request's arrival to its answer, streams left out",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def init_app(app: App) -> None:
    """Measure every request, refused ones too."""
    app.after_request(_measure)


def exposition() -> Response:
    """All meters in Prometheus' text format."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _measure(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    route = request.url_rule.rule if request.url_rule else "none"
    REQUESTS.labels(method, route, str(response.status_code)).inc()
    if response.mimetype != STREAM_TYPE and "began" in g:
        SECONDS.labels(method, route).observe(time.perf_counter() - g.began)
    return response
