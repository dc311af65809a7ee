"""Postgres and Redis servers of the tests' own, which a fault test may kill, stop and wipe."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embedded import remove_socket_directory, socket_directory
from embedded.postgres import Postgres
from embedded.processes import kill
from embedded.redis import Redis
from tests.live import ROOT, without_settings

# A kill -9 of Postgres loses nothing that is in the system's cache; only a power cut would.
POSTGRES_OPTIONS = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}


class Faults:
    """What can befall a server, on top of its start() and stop()."""

    pid: property

    def kill9(self) -> None:
        """Kill it and wait until it is gone; start() brings it back with what it had saved."""
        kill(self._running())

    def sigstop(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        os.kill(self._running(), signal.SIGSTOP)

    def sigcont(self) -> None:
        """Let it go on after sigstop()."""
        os.kill(self._running(), signal.SIGCONT)

    def _running(self) -> int:
        assert self.pid is not None, "it does not run"
        return self.pid


class TestPostgres(Faults, Postgres):
    """Postgres that can be killed. sigstop() freezes the postmaster: no new connection."""

    __test__ = False


class TestRedis(Faults, Redis):
    """Redis that can be killed."""

    __test__ = False


class Servers:
    """One Postgres and one Redis in a directory, and the environment that leads to them."""

    def __init__(self, directory: Path, postgres_options: Mapping[str, str] | None = None):
        self.directory = directory
        sockets = socket_directory(directory)
        options = {**POSTGRES_OPTIONS, **(postgres_options or {})}
        self.postgres = TestPostgres(directory / "postgres", sockets / "pg", options)
        self.redis = TestRedis(directory / "redis", sockets)

    @property
    def environment(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL."""
        return {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.redis.url}

    def start(self) -> None:
        """Start what does not run."""
        self.postgres.start()
        self.redis.start()

    def flask(self, *command: str, **environment: str) -> str:
        """Run a flask command on these servers in a process of its own; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app:create_app", *command],
            cwd=ROOT,
            env={**without_settings(os.environ), **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self) -> None:
        """Stop what runs, frozen or not."""
        for server in (self.redis, self.postgres):
            if server.pid is not None:
                server.sigcont()
            server.stop()


@contextmanager
def throwaway_servers(
    postgres_options: Mapping[str, str] | None = None, data: Path | None = None
) -> Iterator[Servers]:
    """Servers in a directory that is gone afterwards; on a copy of `data`, a stopped Postgres's."""
    with tempfile.TemporaryDirectory(prefix="flashboard-test-") as directory:
        servers = Servers(Path(directory), postgres_options)
        try:
            if data:
                # By cp: shutil would not keep whom the files belong to.
                subprocess.run(["cp", "-a", str(data), str(servers.postgres.data)], check=True)
            servers.start()
            yield servers
        finally:
            servers.stop()
            remove_socket_directory(servers.directory)
