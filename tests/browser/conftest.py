"""For the tests in a real browser."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from tests.browser.steps import LIVE, Till, open_board
from tests.browser.wire import Wire
from tests.cast import Person
from tests.conftest import LiveFactory, ServersFactory, TokenFactory
from tests.live import Live
from tests.servers import Servers

ALL_SCOPES = ("orders:write", "products:write", "alerts:write", "metrics:write", "stream:read")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is here drives Chromium."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def till_at(token: TokenFactory) -> Callable[[Live], Till]:
    """The shop's own program, at some server."""
    return lambda server: Till(server, token(*ALL_SCOPES))


@pytest.fixture
def till(site: Live, till_at: Callable[[Live], Till]) -> Till:
    """The shop's own program, at the shared server."""
    return till_at(site)


@pytest.fixture
def board(page: Any, site: Live, operator: Person) -> Any:
    """The board of an operator, live."""
    return open_board(page, operator, site.url)


@dataclass
class AnotherShop:
    """A shop on servers of its own, so that its settings may differ and its parts may be killed."""

    servers: Servers
    server: Live
    till: Till
    wire: Wire
    secret: Mapping[str, str]
    start: Callable[[], Live]

    def flask(self, *command: str) -> str:
        """The last line that a flask command prints."""
        return self.servers.flask(*command, **self.secret).splitlines()[-1]

    def restart(self) -> None:
        """A new server at the end of the wire, after the old one was killed."""
        self.server = self.till.site = self.start()
        self.wire.to = self.server.port

    def enter(self, page: Any) -> None:
        """Open the board by a sign-in link, as an operator."""
        path = self.flask("users", "link").partition("/login")[2]
        page.goto(f"{self.wire.url}/login{path}")
        page.wait_for_selector(LIVE)


@pytest.fixture
def another_shop(
    own_servers: ServersFactory, live: LiveFactory, settings_of_tests: Mapping[str, str]
) -> Iterator[Callable[..., AnotherShop]]:
    """Makes shops: `another_shop(SHOP_CURRENCY="JPY")`."""

    def make(workers: int = 1, **environment: str) -> AnotherShop:
        servers = own_servers()
        scopes = [part for scope in ALL_SCOPES for part in ("--scope", scope)]
        printed = servers.flask("tokens", "create", "till", *scopes, **settings_of_tests)
        start = partial(live, workers, servers, **environment)
        server = start()
        till = Till(server, printed.splitlines()[-1])
        wires.append(Wire(server.port))
        return AnotherShop(servers, server, till, wires[-1], settings_of_tests, start)

    wires: list[Wire] = []
    yield make
    for wire in wires:
        wire.close()


@pytest.fixture
def wire(site: Live) -> Iterator[Wire]:
    """A wire to the shared server."""
    wire = Wire(site.port)
    yield wire
    wire.close()
