"""What an idle dashboard costs in memory, how many hold on one worker, and their Redis links."""

import time
from collections.abc import Iterator

from bench.readers import Readers
from bench.report import Figure, amount, fact, middle
from bench.server import Server
from bench.sizes import Sizes
from bench.stage import STREAM, Stage
from bench.till import Till

SUBJECT = "memory of an idle dashboard, and a crowd of them"
SETTLE_SECONDS = 1.0
AT_ONCE = 50
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
    """Beyond a worker that has served some already; and from one number of them to the next, which
    no memory that was free before can flatter."""
    limit = MOST_KIB[way]
    with stage.dashboards(server, max(10, counts[0] // 20)):
        pass
    time.sleep(SETTLE_SECONDS)
    before, opened = server.memory, 0
    empty = f"worker {before / KIB / KIB:.0f} MB without any"
    with stage.dashboards(server, 0) as readers:
        used = [(0, before)]
        for count in counts:
            _open_gently(stage, server, readers, count - opened)
            opened = count
            time.sleep(SETTLE_SECONDS)
            used.append((count, server.memory))
            each = (server.memory - before) / count / KIB
            name = f"RSS per dashboard, {count:,} by {way}"
            yield amount(name, each, "KiB", limit if count == counts[-1] else None, note=empty)
    (few, less), (many, more) = used[-2:]
    if few:
        each = (more - less) / (many - few) / KIB
        yield amount(f"  each more, from {few:,} to {many:,}", each, "KiB", limit)


def _open_gently(stage: Stage, server: Server, readers: Readers, count: int) -> None:
    """As people come: all at once, the requests under way would leave memory behind, free again."""
    while count > 0:
        readers.open(server.address, STREAM, stage.token, min(AT_ONCE, count))
        count -= AT_ONCE


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
