"""A real gunicorn with gevent workers, as production runs it, for one test or for many."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psutil

from config import Settings

ROOT = Path(__file__).resolve().parents[1]
BOOT_SECONDS = 30
STOP_SECONDS = 15
# What must not be in the log of a server that was only asked to stop.
UNCLEAN = ("SIGKILL", "WORKER TIMEOUT", "Traceback (most recent call last)")


class Answer(NamedTuple):
    """An HTTP response, read to its end."""

    status: int
    headers: "http.client.HTTPMessage"
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Live:
    """A running gunicorn; `stop()` ends it and checks that it ended well."""

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        workers: int = 1,
        trust: ssl.SSLContext | None = None,
    ):
        """trust: what a client trusts it by, if the environment gives it a certificate."""
        self.trust = trust
        self._log = directory / "gunicorn.log"
        with socket.socket() as listener:
            # Bound here and handed over: no port is guessed, and a first request waits, not fails.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", 0))
            listener.listen(2048)
            self.port: int = listener.getsockname()[1]
            with self._log.open("wb") as log:
                self.process = subprocess.Popen(
                    [
                        *(sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"),
                        *("--no-control-socket", "-b", f"fd://{listener.fileno()}", "wsgi:app"),
                    ],
                    cwd=ROOT,
                    env={
                        **without_settings(os.environ),
                        "HOME": str(directory),
                        "WEB_CONCURRENCY": str(workers),
                        **environment,
                    },
                    stdout=log,
                    stderr=log,
                    pass_fds=[listener.fileno()],
                )
        self.url = f"{'https' if trust else 'http'}://127.0.0.1:{self.port}"
        self._await_boot(workers)

    @property
    def pid(self) -> int:
        """The master's process id."""
        return self.process.pid

    @property
    def workers(self) -> list[int]:
        """The workers' process ids."""
        return [child.pid for child in psutil.Process(self.pid).children()]

    @property
    def log(self) -> str:
        """All it has logged."""
        return self._log.read_text(errors="replace")

    def request(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10,
    ) -> Answer:
        """One request on a connection of its own."""
        return request(
            method,
            self.url + path,
            json,
            token=token,
            headers=headers,
            timeout=timeout,
            trust=self.trust,
        )

    def get(self, path: str, **options: Any) -> Answer:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        """POST of a JSON body."""
        return self.request("POST", path, json, **options)

    def sigterm(self) -> None:
        """Ask it to end, and do not wait."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self, *, tolerate: tuple[str, ...] = ()) -> None:
        """End it and fail when it did not end well, but for what is tolerated in its log."""
        self._end()
        assert self.process.returncode == 0, self.log
        found = [mark for mark in UNCLEAN if mark in self.log and mark not in tolerate]
        assert not found, f"{found} in the log:\n{self.log}"

    def kill9(self) -> None:
        """Kill master and workers, and wait until they are gone."""
        for pid in [self.pid, *self.workers]:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def _end(self) -> None:
        if self.process.poll() is not None:
            return
        workers = psutil.Process(self.pid).children()
        self.sigterm()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            for worker in workers:
                worker.kill()

    def _await_boot(self, workers: int) -> None:
        deadline = time.monotonic() + BOOT_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if self.get("/healthz", timeout=1).status < 500 and len(self.workers) >= workers:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        self.process.kill()
        self.process.wait()
        raise AssertionError(f"gunicorn did not come up:\n{self.log}")


def request(
    method: str,
    url: str,
    json: Any = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """One HTTP request to any local server, on a connection of its own."""
    parts = urlsplit(url)
    link = (
        http.client.HTTPSConnection(parts.netloc, timeout=timeout, context=trust)
        if trust
        else http.client.HTTPConnection(parts.netloc, timeout=timeout)
    )
    sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
    body = None
    if json is not None:
        body = _encoded(json)
        sent.setdefault("Content-Type", "application/json")
    try:
        link.request(
            method, f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", body, sent
        )
        answer = link.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        link.close()


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment less what would set up Flashboard or gunicorn: a developer's own settings."""
    ours = {name.upper() for name in Settings.model_fields}
    ours |= {"PORT", "BIND", "WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "FORWARDED_ALLOW_IPS"}
    ours |= {"FLASHBOARD_VAR", "FLASK_APP", "PROMETHEUS_MULTIPROC_DIR"}
    return {name: value for name, value in environment.items() if name.upper() not in ours}
