"""What Postgres and Redis have in common as processes: is it alive, whose is it, wait for it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

POLL_SECONDS = 0.02


class EmbeddedError(Exception):
    """An embedded server cannot be had or started; the message says what to do."""


def packaged(package: str, *inside: str) -> Path | None:
    """A file that an installed package ships, found without importing the package."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0], *inside)
    return path if path.exists() else None


def alive(pid: int) -> bool:
    """Whether the process runs. A zombie does not: in a container nobody may ever reap it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def command_of(pid: int) -> str:
    """The command line of a process, empty where it cannot be told."""
    if Path("/proc/self/cmdline").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        return ""
    ps = shutil.which("ps")
    if ps is None:
        return ""
    return subprocess.run(
        [ps, "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout


def wait(until: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def kill(pid: int) -> None:
    """End the process at once, stopped ones too, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait(lambda: not alive(pid), seconds=5)


def tail(log: Path, lines: int = 20) -> str:
    """The end of a log, for the message about why something did not start."""
    with suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""
