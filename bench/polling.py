"""Against asking GET /api/metrics again and again, for the same number of dashboards."""

import http.client
from collections.abc import Iterator, Mapping

from bench import window
from bench.report import Figure, against, amount, at_least, at_most, middle
from bench.server import Server
from bench.sizes import Sizes
from bench.stage import Stage

SUBJECT = "against polling"
ORDERS_PER_SECOND = 1.0
SELDOM_SECONDS = 30
A_TENTH = 0.1
DAY_SECONDS = 86_400


def measure(stage: Stage, sizes: Sizes) -> Iterator[Figure]:
    """CPU of a second of an open dashboard while an order a second comes in; and of a poll: of
    ours, from memory, and of the page that a shop without Flashboard has, which asks Postgres."""
    # So many that the worker has something to do: a core that only wakes up now and then is slower.
    count, seconds = sizes.crowd, 2 * sizes.window_seconds
    with stage.ours() as server:
        poll = _seconds_per_poll(stage, server, stage.viewer.headers, sizes)
        # What polling would not spare the worker either. Heartbeats, which it would, are not in it.
        alone = window.idle_share(server, seconds)
        with stage.dashboards(server, count) as readers:
            quiet = (window.idle_share(server, 3 * seconds) - alone) / count
            rounds = [
                window.orders(stage, server, readers, ORDERS_PER_SECOND, seconds, alone)
                for _ in range(sizes.rounds)
            ]
    with stage.baseline("polled") as server:
        plain_poll = _seconds_per_poll(stage, server, _signed_in(server), sizes)
    second = middle((each.cpu - each.idle_cpu) / each.report.seconds for each in rounds) / count
    yield amount("CPU of one poll of ours, its connection kept", poll * 1e3, "ms")
    yield amount("CPU of one poll of a page that asks Postgres", plain_poll * 1e3, "ms")
    yield against(
        "1 order/s: dashboards on one core",
        1 / second,
        1 / poll,
        "",
        at_least(50),
        of="polling ours every second, which is as fresh",
    )
    for each, whose in ((poll, "ours"), (plain_poll, "a page that asks Postgres")):
        yield against(
            f"1 order/s: CPU of {count:,} dashboards",
            second * count * 100,
            each / SELDOM_SECONDS * count * 100,
            "% of a core",
            at_most(A_TENTH),
            of=f"polling {whose} every {SELDOM_SECONDS} s",
        )
        to_spend = A_TENTH * each / SELDOM_SECONDS - quiet
        orders = max(0.0, to_spend / (second - quiet)) * DAY_SECONDS
        yield amount("  a tenth of it up to", orders / 1_000, "thousand orders a day")


def _seconds_per_poll(
    stage: Stage, server: Server, headers: Mapping[str, str], sizes: Sizes
) -> float:
    """CPU of the worker, Postgres and Redis; by people with a connection each, open already."""
    links = [http.client.HTTPConnection(*server.address, timeout=10) for _ in range(sizes.polls)]
    costs = []
    for _ in range(1 + sizes.rounds):
        before = server.cpu + stage.stores_cpu
        for link in links:
            _poll(link, headers)
        costs.append((server.cpu + stage.stores_cpu - before) / sizes.polls)
    for link in links:
        link.close()
    # The first round opened the connections.
    return middle(costs[1:])


def _signed_in(server: Server) -> dict[str, str]:
    """The cookie of somebody who looks at the polled page."""
    link = http.client.HTTPConnection(*server.address, timeout=10)
    link.request("GET", "/sign-in")
    cookie = link.getresponse().headers["Set-Cookie"].partition(";")[0]
    link.close()
    return {"Cookie": cookie}


def _poll(link: http.client.HTTPConnection, headers: Mapping[str, str]) -> None:
    link.request("GET", "/api/metrics", headers=headers)
    answer = link.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"polling was answered with {answer.status}")
