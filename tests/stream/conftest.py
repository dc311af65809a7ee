"""A shop with servers of its own and two gunicorns: one hands sockets off, one streams plainly.

Each has one worker, so the two stand for two workers: what one sent, the other can go on with.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers import throwaway_servers
from tests.stream.shop import SCOPES, SETTINGS, Shop, Site

OwnSite = Callable[..., Site]


@pytest.fixture(scope="session")
def shop(
    settings_of_tests: Mapping[str, str],
    migrated_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    """The shop. A test may not stop it; what it publishes there, later tests will find."""
    options = {"synchronous_commit": "off"}
    with throwaway_servers(options, migrated_data) as servers, ExitStack() as stack:
        environment = {**settings_of_tests, **SETTINGS, **servers.environment}
        shop = Shop(servers, environment)
        shop.token = shop.new_token(*SCOPES)
        shop.fast = Site(tmp_path_factory.mktemp("fast"), {**environment, "STREAM_HANDOFF": "1"})
        stack.callback(shop.fast.stop)
        shop.plain = Site(tmp_path_factory.mktemp("plain"), {**environment, "STREAM_HANDOFF": "0"})
        stack.callback(shop.plain.stop)
        yield shop
        shop.close()


@pytest.fixture(scope="session")
def narrow_token(shop: Shop) -> str:
    """A token that may do one thing, which is not to look or to publish."""
    return shop.new_token("orders:write")


@pytest.fixture(scope="session")
def other_token(shop: Shop) -> str:
    """A token of somebody else who may look."""
    return shop.new_token("stream:read")


@pytest.fixture(params=["handoff", "plain"])
def site(request: pytest.FixtureRequest, shop: Shop) -> Site:
    """Both ways a stream is written, one after the other."""
    return shop.fast if request.param == "handoff" else shop.plain


@pytest.fixture
def elsewhere(site: Site, shop: Shop) -> Site:
    """Another worker, which writes streams the other way."""
    return shop.plain if site is shop.fast else shop.fast


@pytest.fixture(params=["1", "0"], ids=["handoff", "plain"])
def way(request: pytest.FixtureRequest) -> str:
    """STREAM_HANDOFF for a site of the test's own: both ways, one after the other."""
    return str(request.param)


@pytest.fixture
def elsewhere_than(shop: Shop) -> Callable[[str], Site]:
    """The shop's site that streams the other way."""
    return lambda way: shop.plain if way == "1" else shop.fast


@pytest.fixture
def own_site(shop: Shop, tmp_path: Path) -> Iterator[OwnSite]:
    """Starts further gunicorns on the shop's servers: `own_site(workers=2, STREAM_HANDOFF="0")`."""
    started: list[Site] = []

    def start(workers: int = 1, **environment: str) -> Site:
        directory = tmp_path / f"site-{len(started)}"
        directory.mkdir()
        started.append(Site(directory, {**shop.environment, **environment}, workers))
        return started[-1]

    with ExitStack() as stack:
        yield start
        for site in started:
            if site.process.poll() is None:
                stack.callback(site.stop)
