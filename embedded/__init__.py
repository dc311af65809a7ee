"""Postgres and Redis under var/ where no URL is set, for `make run` and the flask command.

Whoever uses the servers holds a shared lock on var/users.lock for as long as it lives; who leaves
and finds nobody else stops them. A lock goes with its process, so a kill -9 leaves no false user.
"""

import atexit
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import IO, TYPE_CHECKING

from embedded.postgres import Postgres
from embedded.processes import EmbeddedError
from embedded.redis import Redis

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parents[1]
KEY_FILE = "secret_key"
SOCKET_PATH_BYTES = 100  # A unix socket's path ends at 103 bytes on macOS, 107 on Linux.


def create_app() -> "Flask":
    """The app of the flask command, on the embedded servers where no URL is set."""
    try:
        fresh = provide()
    except EmbeddedError as error:
        sys.exit(f"flashboard: {error}")
    import app
    from config import SettingsError

    if fresh:
        flask_command("db", "upgrade")
    try:
        return app.create_app()
    except SettingsError as error:
        sys.exit(str(error))


def flask_command(*command: str) -> str:
    """Run a flask command in a process of its own, and return what it printed.

    Raises EmbeddedError when the command fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app:create_app", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EmbeddedError(f"`flask {' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def provide() -> bool:
    """Set what is not set of DATABASE_URL, REDIS_URL and SECRET_KEY.

    Returns whether this made the database, which is then still empty. Where both URLs are set, as
    in production, nothing is started, imported or written.
    """
    var = Path(os.environ.get("FLASHBOARD_VAR") or ROOT / "var")
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        if (var / KEY_FILE).exists():
            os.environ.setdefault("SECRET_KEY", (var / KEY_FILE).read_text().strip())
        return False
    return Var(var).enter()


class Var:
    """A directory with the data of both servers, their logs and the secret key."""

    def __init__(self, path: Path):
        path.mkdir(parents=True, exist_ok=True)
        self.path = path.resolve()
        self._users: IO[bytes] | None = None
        self._pid = os.getpid()
        self._started: list[Postgres | Redis] = []

    def enter(self) -> bool:
        """Use the servers from now on, until this process ends; whether the database is new."""
        new = not (self.path / "postgres").exists()
        with self._alone():
            self._users = (self.path / "users.lock").open("wb")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                self._fill_environment()
            except BaseException:
                self._stop_if_last()
                raise
        atexit.register(self.leave)
        _end_in_order_on_sigterm()
        return new and (self.path / "postgres").exists()

    def leave(self) -> None:
        """Use them no longer; the last one out stops them."""
        # A forked child runs its parent's exit handlers too, but the lock is the parent's.
        if self._users is None or os.getpid() != self._pid:
            return
        with self._alone():
            self._stop_if_last()

    def mend(self) -> None:
        """Start again what was killed while it is in use; what only hangs is left alone."""
        if all(server.pid for server in self._started):
            return
        with self._alone():
            for server in self._started:
                if server.pid is None:
                    server.start()

    def _fill_environment(self) -> None:
        if not os.environ.get("SECRET_KEY"):
            os.environ["SECRET_KEY"] = self._secret_key()
        for name, server in self._servers().items():
            if not os.environ.get(name):
                server.start()
                self._started.append(server)
                os.environ[name] = server.url

    def _stop_if_last(self) -> None:
        assert self._users is not None  # noqa: S101
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            # All of them, also one this process did not need: another's kill -9 may have left it.
            for server in self._servers().values():
                server.stop()
            remove_socket_directory(self.path)
        self._users.close()
        self._users = None

    def _servers(self) -> "dict[str, Postgres | Redis]":
        sockets = socket_directory(self.path)
        return {
            "DATABASE_URL": Postgres(self.path / "postgres", sockets / "pg"),
            "REDIS_URL": Redis(self.path / "redis", sockets),
        }

    def _secret_key(self) -> str:
        path = self.path / KEY_FILE
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_hex(32))
            fresh.rename(path)  # So that a cut here never leaves an empty key.
        return path.read_text().strip()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else starts or stops servers meanwhile."""
        with (self.path / "change.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def socket_directory(var: Path) -> Path:
    """Where the sockets are: var/run, or where that is too long, a short directory it links to."""
    run = var / "run"
    if run.is_symlink() and not _is_ours(run):
        run.unlink()  # Temporary directories are emptied, and then anybody may take the place.
    if not run.exists():
        if len(os.fsencode(run / "pg" / ".s.PGSQL.5432.lock")) > SOCKET_PATH_BYTES:
            run.symlink_to(tempfile.mkdtemp(prefix="flashboard-", dir="/tmp"))
        else:
            run.mkdir()
    directory = run.resolve()
    directory.chmod(0o711)  # Postgres may run as another user, who must get to its own part.
    (directory / "pg").mkdir(mode=0o700, exist_ok=True)
    return directory


def remove_socket_directory(var: Path) -> None:
    """Leave nothing in the system's temporary directory; only when the servers are stopped."""
    run = var / "run"
    if run.is_symlink() and _is_ours(run):
        shutil.rmtree(run.resolve(), ignore_errors=True)
        run.unlink()


def _is_ours(link: Path) -> bool:
    return link.is_dir() and link.stat().st_uid == os.geteuid()


def _end_in_order_on_sigterm() -> None:
    """Let exit handlers run on SIGTERM, where nobody else has a use for it."""
    if current_thread() is main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
