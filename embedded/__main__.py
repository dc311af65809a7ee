"""`make run`: servers, tables, a catalogue, gunicorn, and the link that opens the board."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dotenv import load_dotenv

from config import SettingsError, load
from embedded import ROOT, Var, flask_command
from embedded.processes import POLL_SECONDS, EmbeddedError, tail

HOST = "127.0.0.1"
USUAL_PORT = 8_000
READY_SECONDS = 60
PR_SET_PDEATHSIG = 1  # From Linux's <sys/prctl.h>.
MEND_SECONDS = 3  # A server that was killed is back after this: time to see what the board says.
END_SECONDS = 30  # What gunicorn gets to end its streams before it is killed.

WELCOME = """
Flashboard is on: {link}

A flash sale, in a second terminal:
  {where}.venv/bin/flask simulate --orders-per-second 20 --seconds 30
The log is {log}; Ctrl-C ends it all."""


class Interrupted(BaseException):
    """Ctrl-C, or another signal that asks to end."""


def main() -> None:
    """Run until interrupted."""
    load_dotenv(ROOT / ".env")  # As the flask command does.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        _run()
    except Interrupted:
        with suppress(OSError):  # The terminal itself may be gone.
            print("\nFlashboard has ended.", flush=True)
    except EmbeddedError as error:
        sys.exit(f"flashboard: {error}")


def _run() -> None:
    port = _free_port(os.environ.get("PORT") or str(USUAL_PORT))
    var = Var(Path(os.environ.get("FLASHBOARD_VAR") or ROOT / "var"))
    var.enter()
    _check_settings()
    flask_command("db", "upgrade")
    flask_command("catalog", "sample")
    log = var.path / "flashboard.log"
    with _gunicorn(port, log) as server:
        _await_healthy(server, port, log)
        link = flask_command("users", "link").splitlines()[-1]
        where = "" if port == USUAL_PORT else f"PORT={port} "
        print(WELCOME.format(link=link, where=where, log=_shown(log)), flush=True)
        while not _ended(server, MEND_SECONDS):
            var.mend()
    raise EmbeddedError(f"the web server ended by itself. Its log ({log}) ends:\n{tail(log)}")


def _interrupt(number: int, frame: object) -> None:
    # Once is enough: a second one must not cut the orderly end short and leave servers behind.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted


def _free_port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise EmbeddedError(f"PORT is {text!r}, and must be a number from 1 to 65535.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise EmbeddedError(
                f"port {port} is not for everyone. Try: make run PORT=8000"
            ) from None
        except OSError:
            raise EmbeddedError(
                f"port {port} is taken, perhaps by another Flashboard. "
                f"End that, or: make run PORT={port + 1}"
            ) from None
    return port


def _check_settings() -> None:
    try:
        load()
    except SettingsError as error:
        raise EmbeddedError(str(error)) from None


@contextmanager
def _gunicorn(port: int, log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as output:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                "gunicorn.conf.py",
                "-b",
                f"{HOST}:{port}",
                "wsgi:app",
            ],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            # Away from the terminal's Ctrl-C: gunicorn takes that for "drop everything", and
            # workers must end their streams first.
            start_new_session=True,
            preexec_fn=_end_with_parent(),
        )
    try:
        yield server
    finally:
        _end(server)


def _end_with_parent() -> Callable[[], object] | None:
    """Where the system can (Linux): no web server survives a kill -9 of this process, and keeps
    the port."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _ended(server: "subprocess.Popen[bytes]", seconds: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        server.wait(seconds)
    return server.returncode is not None


def _end(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _await_healthy(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if _healthy(port):
            return
        time.sleep(POLL_SECONDS)
    raise EmbeddedError(f"the web server did not come up. Its log ({log}) ends:\n{tail(log)}")


def _healthy(port: int) -> bool:
    link = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    main()
