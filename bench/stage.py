"""What a run stands on: Postgres, Redis, a catalogue, a token, a publisher, dashboards, servers."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import Flask

from bench.feed import Feed
from bench.processes import family_cpu_seconds, pin
from bench.readers import Readers, raise_open_files
from bench.server import BASELINE, OTHERS_CORE, OURS, Server
from tests import cast
from tests.servers import Servers, throwaway_servers

STREAM = "/api/stream/metrics"
# What our server is run with; all else is as in production.
SETTINGS = {
    "STREAM_MAX_CLIENTS": "15000",
    "STREAM_MAX_PER_USER": "15000",
    "LOG_FORMAT": "json",
    # One token does here what many do: a till of its own would never sell 500 a second.
    "WRITES_RATE_LIMIT": "1000000/minute",
}
SCOPES = ("stream:read", "orders:write", "products:write", "metrics:write", "ops:read")


class Stage:
    """The parts that all measurements share."""

    def __init__(self, directory: Path, servers: Servers, secret: str) -> None:
        self._directory = directory
        self._servers = servers
        self._secret = {"SECRET_KEY": secret}
        os.environ.update({**servers.environment, **self._secret, **SETTINGS})
        servers.flask("db", "upgrade", **self._secret)
        for pid in filter(None, (servers.redis.pid, servers.postgres.pid)):
            pin(pid, OTHERS_CORE)
        from app import create_app

        self.app: Flask = create_app()
        self.token = self._new_token()
        with self.app.app_context():
            self.viewer = cast.signed_in(self.app, "bench@shop.test", "viewer")
        self.feed = Feed(self.app)

    @property
    def stores_cpu(self) -> float:
        """CPU seconds that Postgres, its backends and Redis have used."""
        roots = filter(None, (self._servers.redis.pid, self._servers.postgres.pid))
        return sum(family_cpu_seconds(pid) for pid in roots)

    @contextmanager
    def ours(self, **settings: str) -> Iterator[Server]:
        """Flashboard with one worker, its board just as after a start."""
        self.feed.hold_audits()
        environment = {**self._servers.environment, **self._secret, **SETTINGS, **settings}
        log = self._directory / "ours.log"
        with Server(OURS, environment, log, ready="/readyz") as server:
            yield server

    @contextmanager
    def baseline(self, module: str) -> Iterator[Server]:
        """One of bench/baselines/ under the same gunicorn and worker."""
        arguments = (*BASELINE, f"bench.baselines.{module}:app")
        log = self._directory / f"{module}.log"
        with Server(arguments, self._servers.environment, log, ready="/ready") as server:
            yield server

    @contextmanager
    def dashboards(self, server: Server, count: int) -> Iterator[Readers]:
        """So many of ours, open and sent their first frames."""
        with Readers(OTHERS_CORE) as readers:
            readers.open(server.address, STREAM, self.token, count)
            yield readers

    def subscriptions(self) -> int:
        """Connections to Redis that subscribe to anything."""
        from extensions import redis

        with self.app.app_context():
            return len(redis.commands.client_list(_type="pubsub"))

    def _new_token(self) -> str:
        from blueprints.auth.service import create_token

        with self.app.app_context():
            return create_token("bench", SCOPES)


@contextmanager
def stage() -> Iterator[Stage]:
    """All of it, gone afterwards. This process and the servers leave the worker's core alone."""
    raise_open_files()
    pin(os.getpid(), OTHERS_CORE)
    with ExitStack() as stack:
        directory = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="flashboard-bench-"))
        )
        servers = stack.enter_context(throwaway_servers())
        yield Stage(directory, servers, secrets.token_hex(32))
