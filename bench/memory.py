"""What an idle dashboard costs in memory, how many hold on one worker, and their Redis links."""

import time
from collections.abc import Iterator

from bench.report import Figure, amount, fact, middle
from bench.server import Server
from bench.sizes import Sizes
from bench.stage import STREAM, Stage
from bench.till import Till

SUBJECT = "memory of an idle dashboard, and a crowd of them"
SETTLE_SECONDS = 1.0
ORDERS_IN_A_CROWD = 100
KIB = 1024
MOST_KIB = {"handoff": 1.0, "generator": 18.0}
MOST_MILLISECONDS = 250


def measure(stage: Stage, sizes: Sizes) -> Iterator[Figure]:
    """The hand-off, with a crowd at its end; then the generator."""
    with stage.ours() as server:
        yield from _growth(stage, server, sizes.idle_dashboards, "handoff")
    with stage.ours(STREAM_HANDOFF="false") as server:
        yield from _growth(stage, server, (sizes.idle_generators,), "generator")
    with stage.ours() as server:
        yield from _crowd(stage, server, sizes)


def _growth(stage: Stage, server: Server, counts: tuple[int, ...], way: str) -> Iterator[Figure]:
    """Beyond the memory of a worker that has served some dashboards already, and let them go."""
    with stage.dashboards(server, max(10, counts[0] // 20)):
        pass
    time.sleep(SETTLE_SECONDS)
    empty = server.memory
    with stage.dashboards(server, 0) as readers:
        opened = 0
        for count in counts:
            opened = readers.open(server.address, STREAM, stage.token, count - opened)
            time.sleep(SETTLE_SECONDS)
            each = (server.memory - empty) / opened / KIB
            name = f"RSS per dashboard, {opened:,} by {way}"
            whole = f"worker {empty / KIB / KIB:.0f} MB empty"
            limit = MOST_KIB[way] if count == counts[-1] else None
            yield amount(name, each, "KiB", limit, note=whole)


def _crowd(stage: Stage, server: Server, sizes: Sizes) -> Iterator[Figure]:
    """As many as one worker takes; orders are answered meanwhile, and reach all of them."""
    till = Till(stage, server)
    with stage.dashboards(server, sizes.crowd) as readers:
        readers.begin()
        taken = [till.order_seconds() * 1_000 for _ in range(min(ORDERS_IN_A_CROWD, sizes.polls))]
        report = readers.end(stage.feed.last())
        links = stage.subscriptions()
        held = readers.open(server.address, STREAM, stage.token, 0)
    lost = report.gaps + report.restarts + report.closed + report.behind
    yield fact(
        f"{sizes.crowd:,} dashboards on one worker",
        f"{held:,} open, {len(taken)} orders in each, {lost} wrong",
        held == sizes.crowd and not lost,
        "hold",
    )
    yield amount("  an order's answer meanwhile, median", middle(taken), "ms", MOST_MILLISECONDS)
    yield fact("  Redis subscriptions of the worker", str(links), links == 1, "1")
