"""Against asking GET /api/metrics again and again, for the same number of dashboards."""

import http.client
from collections.abc import Iterator

from bench import window
from bench.readers import Readers
from bench.report import Figure, against, amount, at_least, at_most, middle
from bench.server import Server
from bench.sizes import Sizes
from bench.stage import Stage

SUBJECT = "against polling"
ORDERS_PER_SECOND = 1.0
SELDOM_SECONDS = 30
A_TENTH = 0.1


def measure(stage: Stage, sizes: Sizes) -> Iterator[Figure]:
    """CPU of a poll, and of a second of an open dashboard while an order a second comes in."""
    count, seconds = sizes.dashboards, 2 * sizes.window_seconds
    with stage.ours() as server:
        poll = middle(_seconds_per_poll(stage, server, sizes.polls) for _ in range(sizes.rounds))
        with stage.dashboards(server, count) as readers:
            shares = [_share(stage, server, readers, seconds) for _ in range(sizes.rounds)]
    second = middle(shares) / count
    yield amount("CPU of one poll, its connection kept", poll * 1e3, "ms")
    yield against(
        "1 order/s: dashboards on one core",
        1 / second,
        1 / poll,
        "",
        at_least(50),
        of="polling every second, which is as fresh",
    )
    yield against(
        f"1 order/s: CPU of {count:,} dashboards",
        second * count * 100,
        poll / SELDOM_SECONDS * count * 100,
        "% of a core",
        at_most(A_TENTH),
        of=f"polling every {SELDOM_SECONDS} s, up to as much behind",
    )
    seldom = second / (A_TENTH * poll / SELDOM_SECONDS)
    yield amount("  a tenth of it if orders are as far apart as", seldom, "s")


def _share(stage: Stage, server: Server, readers: Readers, seconds: float) -> float:
    """Of a core, less what the worker does by itself, which polling would not spare it either."""
    at_rest = window.idle_share(server, seconds)
    found = window.orders(stage, server, readers, ORDERS_PER_SECOND, seconds, at_rest)
    return (found.cpu - found.idle_cpu) / found.report.seconds


def _seconds_per_poll(stage: Stage, server: Server, polls: int) -> float:
    """Of signed-in people, each on a connection of their own that is open already."""
    headers = stage.viewer.headers
    links = [http.client.HTTPConnection(*server.address, timeout=10) for _ in range(polls)]
    for link in links:
        _poll(link, headers)
    before = server.cpu
    for link in links:
        _poll(link, headers)
    used = server.cpu - before
    for link in links:
        link.close()
    return used / polls


def _poll(link: http.client.HTTPConnection, headers: dict[str, str]) -> None:
    link.request("GET", "/api/metrics", headers=headers)
    answer = link.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"polling was answered with {answer.status}")
