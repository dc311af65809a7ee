"""`make run`, from nothing: one line with a link, and Ctrl-C ends all of it."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from embedded import socket_directory
from embedded.postgres import Postgres
from embedded.processes import wait
from embedded.redis import Redis
from tests.live import ROOT, request, without_settings

pytestmark = pytest.mark.faults

LINK = re.compile(r"http://127\.0\.0\.1:(\d+)/login\?token=\S+")


class Run:
    """A running `python -m embedded`, which is what `make run` executes."""

    def __init__(self, var: Path, port: int):
        self.var = var
        self.process = subprocess.Popen(
            [sys.executable, "-m", "embedded"],
            cwd=ROOT,
            env=_environment(var, PORT=str(port)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # A terminal of its own, whose Ctrl-C all in it get.
        )
        assert self.process.stdout
        self.output = ""
        while not self.output.endswith("ends it all.\n"):
            line = self.process.stdout.readline()
            assert line, self.output
            self.output += line

    @property
    def link(self) -> str:
        links = [match[0] for match in LINK.finditer(self.output)]
        assert len(links) == 1, self.output
        return links[0]

    @property
    def server_pids(self) -> list[int]:
        sockets = socket_directory(self.var)
        servers = (
            Postgres(self.var / "postgres", sockets / "pg"),
            Redis(self.var / "redis", sockets),
        )
        return [server.pid for server in servers if server.pid]

    def everything(self) -> list[psutil.Process]:
        processes = [psutil.Process(pid) for pid in [self.process.pid, *self.server_pids]]
        return [
            one for process in processes for one in [process, *process.children(recursive=True)]
        ]

    def interrupt(self) -> str:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.communicate(timeout=20)[0]

    def kill9(self) -> None:
        for process in self.everything():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.communicate()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """Runs it from nothing, and then again with what the last time left."""
    runs: list[Run] = []

    def begin() -> Run:
        runs.append(Run(tmp_path / "var", _free_port()))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.kill9()


@pytest.fixture(scope="module")
def left_behind() -> Iterator[Path]:
    """What one run leaves when it has ended in order."""
    with tempfile.TemporaryDirectory(prefix="flashboard-test-") as directory:
        Run(Path(directory) / "var", _free_port()).interrupt()
        yield Path(directory) / "var"


@pytest.fixture
def start_again(start: Callable[[], Run], left_behind: Path, tmp_path: Path) -> Callable[[], Run]:
    """Runs it with what another run has left."""
    subprocess.run(["cp", "-a", left_behind, tmp_path / "var"], check=True)
    return start


def test_the_link_opens_the_board_and_ctrl_c_ends_everything(start):
    run = start()
    processes = run.everything()
    assert len(processes) > 4
    answer = request("GET", run.link)
    assert answer.status in {302, 303}
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    board = request("GET", run.link.partition("/login")[0] + "/", headers={"Cookie": cookie})
    assert board.status == 200
    before = _products(run)
    assert before > 0
    sale = f"  PORT={urlsplit(run.link).port} .venv/bin/flask simulate "
    assert sale in run.output, "a sale on this port, not on the usual one"
    assert run.interrupt().splitlines()[-1] == "Flashboard has ended."
    assert [process for process in processes if _runs(process)] == []
    assert _products(start()) == before, "a second run has the same catalogue"


def test_after_a_kill_of_everything_it_runs_again(start_again):
    run = start_again()
    before = _products(run)
    run.kill9()
    assert _products(start_again()) == before


def test_after_a_kill_of_itself_alone_its_web_server_ends_too(start_again):
    run = start_again()
    web = next(child for child in psutil.Process(run.process.pid).children())
    run.process.kill()
    run.process.communicate()
    psutil.wait_procs([web], timeout=20)
    assert not _runs(web)
    start_again().interrupt()


@pytest.mark.parametrize("number", [0, 1], ids=["postgres", "redis"])
def test_a_server_that_is_killed_comes_back(start_again, number):
    run = start_again()
    ready = run.link.partition("/login")[0] + "/readyz"
    killed = run.server_pids[number]
    os.kill(killed, signal.SIGKILL)
    assert wait(lambda: len(run.server_pids) == 2 and killed not in run.server_pids, seconds=20)
    assert wait(lambda: request("GET", ready).status == 200, seconds=30)
    processes = run.everything()
    assert run.interrupt().splitlines()[-1] == "Flashboard has ended."
    assert [process for process in processes if _runs(process)] == []


def test_the_flask_command_works_beside_it(start_again):
    run = start_again()
    done = subprocess.run(
        [sys.executable, "-m", "flask", "users", "add", "mara@shop.test", "--role", "operator",
         "--password-stdin"],
        cwd=ROOT, env=_environment(run.var), input="a long enough password", text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(run.server_pids) == 2


def test_a_taken_port_is_said_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        output = _fail(tmp_path / "var", PORT=str(port))
    assert f"port {port} is taken" in output
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "8000 "])
def test_a_port_that_is_none_is_said(tmp_path, port):
    assert f"PORT is {port!r}" in _fail(tmp_path / "var", PORT=port)


def test_a_wrong_setting_is_named(tmp_path):
    assert "SHOP_TIMEZONE" in _fail(tmp_path / "var", PORT=str(_free_port()), SHOP_TIMEZONE="Moon")


def _fail(var: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "embedded"],
        cwd=ROOT,
        env=_environment(var, **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    return done.stdout


def _environment(var: Path, **more: str) -> dict[str, str]:
    return {**without_settings(os.environ), "FLASHBOARD_VAR": str(var), **more}


def _products(run: Run) -> int:
    token = subprocess.run(
        [sys.executable, "-m", "flask", "tokens", "create", str(run.process.pid),
         "--scope", "stream:read"],
        cwd=ROOT, env=_environment(run.var), text=True, capture_output=True, check=True,
    ).stdout.splitlines()[-1]  # fmt: skip
    answer = request("GET", run.link.partition("/login")[0] + "/api/products", token=token)
    return len(answer.json["items"])


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
