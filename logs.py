"""One log line an event, to stdout: JSON in production, readable in a terminal; with request ids.

Flask commands log to stderr: their stdout is for what they print.
"""

import errno
import logging
import os
import re
import sys
import time
import uuid
from collections.abc import Iterable
from typing import Any

import structlog
from flask import Flask, Response, g, request

from config import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
# Asked for every few seconds by whoever watches us, or by every page: logged only when it fails.
UNREMARKABLE = ("/healthz", "/readyz", "/metrics", "/static/")
UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH)
STREAM_TYPE = "text/event-stream"

log = structlog.get_logger("flashboard.access")


def init_app(app: Flask) -> None:
    """Send structlog and the standard library through one formatter; log each request."""
    settings: Settings = app.config["SETTINGS"]
    _configure(settings.log_format)
    _report_to_sentry(settings)
    app.before_request(_begin)
    app.after_request(_end)


def _configure(log_format: str) -> None:
    command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
    output = sys.stderr if command else sys.stdout
    as_json = log_format == "json" or (log_format == "auto" and not output.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(as_json),
            ],
        )
    )
    # Looked up anew for each line, and shown in none of ours: 5 % of what a reconnect costs.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # gunicorn's own lines of this worker, which it would write in a form of its own.
    of_gunicorn = logging.getLogger("gunicorn.error")
    of_gunicorn.handlers = []
    of_gunicorn.propagate = True
    of_gunicorn.addFilter(_is_no_lost_client)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _is_no_lost_client(record: logging.LogRecord) -> bool:
    """False for a client that stopped answering: gunicorn logs that as an error of ours, unlike one
    that hung up."""
    error = record.exc_info[1] if record.exc_info else None
    return not (
        record.msg == "Socket error processing request."
        and isinstance(error, OSError)
        and (isinstance(error, TimeoutError) or error.errno in UNREACHABLE)
    )


def _renderers(as_json: bool) -> Iterable[structlog.types.Processor]:
    if as_json:
        yield structlog.processors.format_exc_info
        yield structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        yield structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if response.status_code < 400 and request.path.startswith(UNREMARKABLE):
        return response
    if response.mimetype == STREAM_TYPE:
        return response  # It has its line when it ends.
    level = logging.WARNING if response.status_code >= 500 else logging.INFO
    took = time.perf_counter() - g.get("began", time.perf_counter())
    log.log(level, "request", **_who(), status=response.status_code, ms=round(took * 1000, 1))
    return response


def _who() -> dict[str, Any]:
    principal = g.get("principal")
    return {
        "method": request.method,
        "path": _path(),
        "principal": principal.key if principal else None,
        "address": request.remote_addr,
    }


def _path() -> str:
    """Without the query, which may hold a token; by the route where the path itself holds one."""
    secret = request.url_rule is not None and "token" in request.url_rule.arguments
    return str(request.url_rule) if secret else request.path


def _report_to_sentry(settings: Settings) -> None:
    """Errors to Sentry, if SENTRY_DSN is set: no bodies, no cookies, no addresses, no stream."""
    if settings.sentry_dsn is None:
        return
    import sentry_sdk  # Only now: it takes its time and memory.

    sentry_sdk.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        release=settings.build,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=_without_secrets,
        # Nothing is traced: a stream would be one trace of hours.
        traces_sample_rate=None,
    )


def _without_secrets(event: Any, _hint: Any) -> Any:
    """Of the request only what it was for: links and displays have their secret in the URL."""
    if given := event.get("request"):
        event["request"] = {"method": given.get("method"), "url": _path() if request else ""}
    return event
