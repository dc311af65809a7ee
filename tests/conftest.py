"""Real Postgres, Redis and gunicorn for all tests, and the cast.

This process is never monkey patched: where gevent matters, the app runs in a gunicorn (`live`).
"""

import itertools
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import text

import extensions
from app import create_app
from blueprints.auth.service import create_token
from blueprints.stream import board
from embedded.processes import wait
from tests import cast, sse
from tests.live import Live, without_settings
from tests.servers import Servers, throwaway_servers

FAULTS_TIMEOUT_SECONDS = 180
SLOW = ("live", "browser", "faults")
# Fixtures that start a gunicorn.
SERVING = {"live", "site", "shared_site", "shop", "own_site"}

LiveFactory = Callable[..., Live]
TokenFactory = Callable[..., str]
ServersFactory = Callable[..., Servers]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, then those with a server, the browser's, and those that break servers."""
    for item in items:
        if SERVING & set(getattr(item, "fixturenames", ())):
            item.add_marker("live")
        if item.get_closest_marker("faults") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(FAULTS_TIMEOUT_SECONDS))

    items.sort(key=_slowness)


def _slowness(item: pytest.Item) -> int:
    """0 for a test that needs no gunicorn; all of these make `make fast`."""
    marked = [at for at, name in enumerate(SLOW, start=1) if item.get_closest_marker(name)]
    return max(marked, default=0)


# Servers and the app


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests() -> Iterator[Mapping[str, str]]:
    """An environment without the developer's own settings, and one secret for all servers."""
    patch = pytest.MonkeyPatch()
    for name in os.environ.keys() - without_settings(os.environ).keys():
        patch.delenv(name)
    secret = {"SECRET_KEY": secrets.token_hex(32)}
    patch.setenv("SECRET_KEY", secret["SECRET_KEY"])
    yield secret
    patch.undo()


@pytest.fixture(scope="session")
def migrated_data(settings_of_tests: Mapping[str, str]) -> Iterator[Path]:
    """The data of a stopped Postgres with our tables: a copy is there in a fraction of the time."""
    with throwaway_servers() as servers:
        # By the command, in its own process: alembic would take over this one's logging.
        servers.flask("db", "upgrade", **settings_of_tests)
        servers.stop()
        yield servers.postgres.data


@pytest.fixture(scope="session")
def servers(migrated_data: Path) -> Iterator[Servers]:
    """The session's own Postgres and Redis. Not to be broken: see `own_servers`."""
    with throwaway_servers({"synchronous_commit": "off"}, migrated_data) as servers:
        yield servers


@pytest.fixture(scope="session")
def migrated_app(servers: Servers, settings_of_tests: Mapping[str, str]) -> Iterator[Flask]:
    """The app in this process, on a migrated database that a test may have filled; use `app`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in servers.environment.items():
            patch.setenv(name, value)
        app = create_app()
    yield app
    with app.app_context():
        extensions.db.engine.dispose()
    extensions.redis.commands.close()
    extensions.redis.commands.connection_pool.disconnect()


@pytest.fixture
def app(migrated_app: Flask) -> Flask:
    """The app, for requests in this process, with nothing in Postgres and Redis."""
    with migrated_app.app_context():
        # DELETE, children first: a TRUNCATE takes 15 times as long.
        tables = reversed(extensions.db.metadata.sorted_tables)
        deletes = "; ".join(f'DELETE FROM "{table.name}"' for table in tables)
        with extensions.db.engine.begin() as connection:
            connection.execute(text(deletes))
    extensions.redis.commands.flushdb()
    return migrated_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller in this process that nobody knows."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Runs flask commands in this process."""
    return app.test_cli_runner()


@pytest.fixture
def live(
    app: Flask, servers: Servers, settings_of_tests: Mapping[str, str], tmp_path: Path
) -> Iterator[LiveFactory]:
    """Starts real gunicorns: `live(workers=2, SHOP_CURRENCY="JPY")`.

    On the session's servers, or on `servers=own_servers()`. Ended with the test, which fails if
    one did not end well, unless the test stopped or killed it itself.
    """
    numbers = itertools.count()
    started: list[Live] = []

    def start(workers: int = 1, servers: Servers = servers, **environment: str) -> Live:
        directory = tmp_path / f"live-{next(numbers)}"
        directory.mkdir()
        settings = {**settings_of_tests, **servers.environment, **environment}
        started.append(Live(directory, settings, workers))
        return started[-1]

    with ExitStack() as stack:
        stack.callback(lambda: _stop_all(started))
        yield start


def _stop_all(started: list[Live]) -> None:
    with ExitStack() as stack:  # Each of them, also when one of them ended badly.
        for server in started:
            if server.process.poll() is None:
                stack.callback(server.stop)


@pytest.fixture(scope="module")
def shared_site(
    migrated_app: Flask,
    servers: Servers,
    settings_of_tests: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Live]:
    """The gunicorn behind `site`. It must not outlive the file: it would answer what other tests
    do to the same Postgres and Redis."""
    environment = {**settings_of_tests, **servers.environment}
    server = Live(tmp_path_factory.mktemp("site"), environment)
    yield server
    server.stop()


@pytest.fixture
def site(app: Flask, shared_site: Live, token: TokenFactory) -> Live:
    """One gunicorn with one worker for all tests of a file that neither stop nor set it up."""
    with app.app_context():
        board.rebuild(None, "a test begins")
        epoch = board.read().epoch
    reader = token("stream:read")
    assert wait(lambda: _epoch_of(shared_site, reader) == epoch, seconds=10)
    return shared_site


def _epoch_of(site: Live, token: str) -> str:
    with sse.connect(site.url, token) as stream:
        return str(stream.until("init").id).partition("-")[0]


@pytest.fixture
def own_servers(migrated_data: Path) -> Iterator[ServersFactory]:
    """Makes servers that the test may kill, freeze and wipe; migrated, else empty.

    `own_servers().postgres.kill9()`, `.redis.sigstop()`, `.sigcont()`, `.stop()`, `.start()` …
    """
    with ExitStack() as stack:

        def start(migrated: bool = True, **postgres_options: str) -> Servers:
            data = migrated_data if migrated else None
            return stack.enter_context(throwaway_servers(postgres_options, data))

        yield start


# The cast


@pytest.fixture
def operator(app: Flask) -> cast.Person:
    """May restock, pause, cancel and acknowledge."""
    return cast.signed_in(app, "olivia@shop.test", "operator")


@pytest.fixture
def viewer(app: Flask) -> cast.Person:
    """May look."""
    return cast.signed_in(app, "vincent@shop.test", "viewer")


@pytest.fixture
def stranger(app: Flask) -> cast.Person:
    """May nothing."""
    return cast.stranger(app)


@pytest.fixture
def token(app: Flask) -> TokenFactory:
    """Makes tokens: `token("orders:write", "stream:read")`."""
    numbers = itertools.count(1)

    def make(*scopes: str) -> str:
        with app.app_context():
            return create_token(f"program {next(numbers)}", scopes)

    return make


# The browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The machine's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    from tests.machine import chromium

    path = chromium()
    assert path, "No Chromium: `make test` installs one."
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def console_errors() -> list[str]:
    """What pages complained of; a test that provokes complaints clears it."""
    return []


@pytest.fixture
def new_page(browser: Any, console_errors: list[str]) -> Iterator[Callable[..., Any]]:
    """Opens pages, each in a browser context of its own; options go to `browser.new_context`.

    The test fails on any error in a page's console.
    """
    contexts = []

    def open_page(**options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", lambda said: _note(console_errors, said))
        page.on("pageerror", lambda error: console_errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert console_errors == []


def _note(errors: list[str], said: Any) -> None:
    if said.type == "error":
        errors.append(f"{said.text} ({said.location.get('url')})")


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page in a fresh browser context."""
    return new_page()
