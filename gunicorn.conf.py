"""gunicorn: gevent workers, each with one hub; their streams let go on SIGTERM.

Nothing but gevent is imported before the workers have patched the standard library.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

worker_class = "gevent"
# WEB_CONCURRENCY, which PaaSes set, is gunicorn's own default for workers.
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
# Platforms set one of these, and reach us from outside.
on_platform = any(name in os.environ for name in ("DYNO", "RENDER", "KUBERNETES_SERVICE_HOST"))
host = os.environ.get("BIND") or ("0.0.0.0" if on_platform else "127.0.0.1")  # noqa: S104
bind = [f"{host}:{os.environ.get('PORT') or '8000'}"]
worker_connections = 4_000
timeout = 30
keepalive = 95  # longer than a PaaS's router keeps its own: 90 s
graceful_timeout = 20  # the PaaS kills after 30 s
max_requests = 0
preload_app = False
control_socket_disable = True
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
accesslog = None  # logs.py logs requests, with who made them
errorlog = "-"
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"

# A worker's own limit is shorter than the master's, which would kill before any clean-up runs.
WORKER_GRACE_SECONDS = 3
DRAIN_POLL_SECONDS = 0.1
SCHEMA_POLL_SECONDS = 5
WORKER_BOOT_ERROR = 3  # gunicorn.arbiter.Arbiter.WORKER_BOOT_ERROR


class JsonLines(logging.Formatter):
    """The master's few lines in the form of all others. structlog is not for this process: nothing
    but gevent may be imported before the workers are patched."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": moment.replace("+00:00", "Z"),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class JsonLogger(Logger):
    """gunicorn's logger with lines of JSON."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


log_format = os.environ.get("LOG_FORMAT") or "auto"
if log_format == "json" or (log_format == "auto" and not sys.stdout.isatty()):
    logger_class = JsonLogger


def on_starting(server: Any) -> None:
    """Workers share their metrics through files; those of an earlier run are not ours."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        folder = tempfile.mkdtemp(prefix="flashboard-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        server.flashboard_metrics = folder
    Path(folder).mkdir(parents=True, exist_ok=True)
    for left in Path(folder).glob("*.db"):
        left.unlink()


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    if folder := getattr(server, "flashboard_metrics", None):
        shutil.rmtree(folder, ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    """A worker that is gone has no open streams."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def post_worker_init(worker: Any) -> None:
    """The worker is patched and has loaded the app: follow Redis, and watch for the end."""
    import gevent

    from blueprints.stream import start
    from postgres_wait import yield_to_other_greenlets

    yield_to_other_greenlets()
    refuse_unknown_schema(worker)
    end_idle_connections_quietly(worker)
    worker.cfg.set("graceful_timeout", WORKER_GRACE_SECONDS)
    hub = start(worker.wsgi)
    hub.slots.share_connections(worker.worker_connections)

    def let_streams_go() -> None:
        while worker.alive:
            gevent.sleep(DRAIN_POLL_SECONDS)
        hub.drain()

    gevent.spawn(let_streams_go)


def end_idle_connections_quietly(worker: Any) -> None:
    """What a stop interrupts between two requests is no error, and nobody waits for an answer:
    gunicorn would log a traceback, and send a 500 that no browser asked for."""
    from gevent import GreenletExit

    handle_error = worker.handle_error

    def handle(request: Any, client: Any, address: Any, error: BaseException) -> None:
        if request is None and isinstance(error, GreenletExit):
            worker.log.debug("Closing an idle connection")
        else:
            handle_error(request, client, address, error)

    worker.handle_error = handle


def refuse_unknown_schema(worker: Any) -> None:
    """End the start if the tables are not those of this version. A database that is away is asked
    later: we have to be up before it is."""
    import gevent
    from sqlalchemy.exc import SQLAlchemyError

    import schema

    try:
        mismatch = schema.mismatch(worker.wsgi)
    except SQLAlchemyError:

        def ask_again() -> None:
            gevent.sleep(SCHEMA_POLL_SECONDS)
            refuse_unknown_schema(worker)

        gevent.spawn(ask_again)
        return
    if mismatch:
        worker.log.critical(mismatch)
        # The master takes this code for what it is, and does not start the same again.
        os._exit(WORKER_BOOT_ERROR)
