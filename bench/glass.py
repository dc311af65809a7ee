"""From the till to the glass: an order is posted, until a dashboard has it and has painted it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.report import Figure, amount, fact, middle, percentile
from bench.server import Server
from bench.sizes import Sizes
from bench.stage import Stage
from bench.till import Till
from tests.machine import chromium

SUBJECT = "from the till to the glass"
ORDERS_PER_SECOND = 20.0
MILLI = 1_000
MOST_TO_SOCKET = 50
MOST_TO_PAINT = 100
# When each value of "Orders today" had been painted: a message is handled after the frame it was
# posted in is drawn.
WATCH = """
  const card = [...document.querySelectorAll("h2")].find((h) => h.textContent === "Orders today");
  const value = card.closest(".card__head").parentElement.querySelector("[data-field=value]");
  const painted = (window.painted = []);
  const channel = new MessageChannel();
  const shown = () => Number(value.textContent.replace(/[^0-9]/g, ""));
  channel.port1.onmessage = ({ data }) =>
    painted.push([data, performance.timeOrigin + performance.now()]);
  new MutationObserver(() => channel.port2.postMessage(shown()))
    .observe(value, { childList: true, characterData: true, subtree: true });
"""


def measure(stage: Stage, sizes: Sizes) -> Iterator[Figure]:
    """With all dashboards open, then with one page in a real browser."""
    with stage.ours() as server:
        yield from _to_sockets(stage, server, sizes)
        if path := chromium():
            yield from _to_pixels(stage, server, sizes, path)
        else:
            yield fact("order posted → painted", "no Chromium here", False, "")


def _to_sockets(stage: Stage, server: Server, sizes: Sizes) -> Iterator[Figure]:
    till = Till(stage, server)
    halves, most, missing = [], [], 0
    with stage.dashboards(server, sizes.dashboards) as readers:
        for _ in range(sizes.rounds):
            readers.begin()
            posted = _post(till, round(ORDERS_PER_SECOND * sizes.orders_seconds))
            report = readers.end(stage.feed.last())
            halves.append(percentile(report.latencies, 50) * MILLI)
            most.append(percentile(report.latencies, 99) * MILLI)
            missing += abs(report.orders - len(posted)) + report.gaps + report.restarts
    what = f"order posted → {sizes.dashboards:,} sockets"
    yield amount(f"{what}: median", middle(halves), "ms", MOST_TO_SOCKET)
    yield amount(f"{what}: p99", middle(most), "ms", MOST_TO_SOCKET)
    yield fact("  lost or doubled", str(missing), missing == 0, "0")


def _to_pixels(stage: Stage, server: Server, sizes: Sizes, path: str) -> Iterator[Figure]:
    till = Till(stage, server)
    till.order()
    with _page(path) as page:
        stage.viewer.enter(page, f"http://{server.address[0]}:{server.address[1]}/")
        page.wait_for_timeout(1_500)
        page.evaluate(WATCH)
        before = int(stage.feed.orders_today())
        posted = _post(till, sizes.paints)
        page.wait_for_timeout(1_000)
        painted = page.evaluate("window.painted")
    taken = sorted(
        min((at / MILLI - moment for count, at in painted if count >= before + number), default=9.0)
        for number, moment in enumerate(posted, start=1)
    )
    what = "order posted → painted in Chromium"
    yield amount(f"{what}: median", middle(taken) * MILLI, "ms", MOST_TO_PAINT)
    yield amount(f"{what}: p99", percentile(taken, 99) * MILLI, "ms")


def _post(till: Till, orders: int) -> list[float]:
    """Orders at a steady pace; when each was posted. It is also the customer's name."""
    started = time.monotonic()
    posted = []
    for number in range(orders):
        time.sleep(max(0.0, started + number / ORDERS_PER_SECOND - time.monotonic()))
        posted.append(time.time())
        till.order(f"at {posted[-1]}")
    return posted


@contextmanager
def _page(path: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser.new_page()
        browser.close()
