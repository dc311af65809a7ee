"""gunicorn: gevent workers, each with one hub; their streams let go on SIGTERM.

Nothing but gevent is imported before the workers have patched the standard library.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

worker_class = "gevent"
# WEB_CONCURRENCY, which PaaSes set, is gunicorn's own default for workers.
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
bind = [f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"]
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
accesslog = "-"
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(L)s s "%({x-request-id}o)s"'
errorlog = "-"
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"

# A worker's own limit is shorter than the master's, which would kill before any clean-up runs.
WORKER_GRACE_SECONDS = 3
DRAIN_POLL_SECONDS = 0.1


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
    worker.cfg.set("graceful_timeout", WORKER_GRACE_SECONDS)
    hub = start(worker.wsgi)
    hub.slots.share_connections(worker.worker_connections)

    def let_streams_go() -> None:
        while worker.alive:
            gevent.sleep(DRAIN_POLL_SECONDS)
        hub.drain()

    gevent.spawn(let_streams_go)
