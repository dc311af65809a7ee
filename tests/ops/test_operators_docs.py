"""What the docs for operators claim: meters that exist, a beacon that is small and accepted."""

import functools
import http.server
import json
import re
import threading

import pytest
from prometheus_client.metrics import MetricWrapperBase

from blueprints.ops import prometheus
from blueprints.stream import meters
from config import Settings
from tests.live import ROOT

DOCS = ROOT / "docs"
SUFFIXES = re.compile(r"_(total|bucket|count|sum)$")


def test_every_meter_of_the_grafana_board_is_one_of_ours():
    board = json.loads((DOCS / "grafana.json").read_text())
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    ours = [*vars(meters).values(), *vars(prometheus).values()]
    known = {
        next(iter(each.describe())).name for each in ours if isinstance(each, MetricWrapperBase)
    }
    wanted = {SUFFIXES.sub("", each) for each in re.findall(r"flashboard_\w+", asked)}
    assert len(wanted) > 10
    assert wanted <= known


@pytest.fixture
def beacon():
    """The snippet for a storefront."""
    found = re.search(r"<script>.*?</script>", (DOCS / "api.md").read_text(), re.DOTALL)
    assert found
    return found[0]


def test_the_beacon_is_at_most_a_kilobyte(beacon):
    assert len(beacon.encode()) <= 1024


@pytest.fixture
def shop(tmp_path):
    """A storefront: an empty site, and the folder its pages are put into."""
    serve = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", tmp_path
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_):
        pass


@pytest.mark.browser
def test_the_beacon_counts_a_visitor_of_a_shop_on_another_site(live, shop, page, beacon):
    address, folder = shop
    board = live(STOREFRONT_ORIGINS=address)
    html = beacon.replace("https://board.example.com", board.url)
    (folder / "shop.html").write_text(f"<!doctype html><link rel=icon href=data:,>{html}")
    with page.expect_response(f"{board.url}/api/activity") as answer:
        page.goto(f"{address}/shop.html")
    assert answer.value.status == 204


def test_the_commands_of_the_api_page_are_ours(app):
    text = (DOCS / "api.md").read_text()
    for line in re.findall(r"`flask ([a-z-]+)", text):
        assert line in app.cli.commands


def test_two_dynos_of_two_workers_fit_the_smallest_plans():
    two = Settings(
        database_url="postgres://db/shop", redis_url="redis://", secret_key="0" * 16,
        web_concurrency=2,
    )  # fmt: skip
    postgres = two.db_pool_size + two.db_max_overflow
    redis = two.redis_max_connections + 1  # and the worker's subscription
    table = (DOCS / "deploy.md").read_text()
    assert f"| 2 × 2 | {4 * postgres} | {4 * redis} |" in table
    assert max(4 * postgres, 4 * redis) <= 20
