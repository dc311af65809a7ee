"""A gunicorn with one gevent worker, pinned to a core of its own: ours, or a baseline."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from bench.processes import cpu_seconds, pin, resident_bytes
from tests.live import ROOT, without_settings

WORKER_CORE = 0
OTHERS_CORE = 1
BOOT_SECONDS = 30.0
STOP_SECONDS = 15.0
OURS = ("-c", "gunicorn.conf.py", "wsgi:app")
BASELINE = (
    "-c",
    "/dev/null",
    "-k",
    "gevent",
    "--worker-connections",
    "15000",
    "--keep-alive",
    "95",
    "--log-level",
    "warning",
)


class Server:
    """A context manager; its one worker's process id is `worker`."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], log: Path, ready: str
    ) -> None:
        with log.open("ab") as output, socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", 0))
            listener.listen(4_096)
            self.address: tuple[str, int] = listener.getsockname()
            self._process = _start(arguments, environment, listener, output)
        self._log = log
        self._await_boot(ready)
        self.worker = psutil.Process(self._process.pid).children()[0].pid
        pin(self.worker, WORKER_CORE)

    @property
    def cpu(self) -> float:
        """CPU seconds the worker has used."""
        return cpu_seconds(self.worker)

    @property
    def memory(self) -> int:
        """Bytes the worker has resident."""
        return resident_bytes(self.worker)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for each in psutil.Process(self._process.pid).children():
                each.kill()
            self._process.kill()
            self._process.wait()

    def _await_boot(self, ready: str) -> None:
        deadline = time.monotonic() + BOOT_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if _status(self.address, ready) == 200:
                return
            time.sleep(0.05)
        self._process.kill()
        said = self._log.read_text(errors="replace").splitlines()[-20:]
        raise RuntimeError("\n".join(["gunicorn did not come up:", *said]))


def _start(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    listener: socket.socket,
    output: IO[bytes],
) -> "subprocess.Popen[bytes]":
    bind = ("-b", f"fd://{listener.fileno()}")
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--no-control-socket", *bind, *arguments],
        cwd=ROOT,
        env={**without_settings(os.environ), "WEB_CONCURRENCY": "1", **environment},
        stdout=output,
        stderr=output,
        pass_fds=[listener.fileno()],
    )


def _status(address: tuple[str, int], path: str) -> int | None:
    link = http.client.HTTPConnection(*address, timeout=2)
    try:
        link.request("GET", path)
        return link.getresponse().status
    except OSError:
        return None
    finally:
        link.close()
