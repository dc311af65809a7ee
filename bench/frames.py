"""CPU of one frame to one dashboard: ours, a bare loop of writes, and the ways others do it."""

import time
from collections.abc import Callable, Iterator

from bench import window
from bench.baselines import bare
from bench.readers import Readers
from bench.report import Figure, against, amount, at_most, middle
from bench.server import OTHERS_CORE, Server
from bench.sizes import Sizes
from bench.stage import Stage

SUBJECT = "CPU of a frame to a dashboard"
RATE = 20.0
# At that rate the others would want more than a core, and be late: theirs is one they keep up with.
OTHERS_RATE = 4.0
OPENING_SECONDS = 30.0
MICRO = 1e6


def measure(stage: Stage, sizes: Sizes) -> Iterator[Figure]:
    """Ours and the bare loop take turns; then the generator, the plain shape, Flask-SSE."""
    count, seconds = sizes.dashboards, sizes.window_seconds
    ours, bares, idle = [], [], []
    with stage.ours() as server, stage.dashboards(server, count) as readers:
        at_rest = window.idle_share(server, seconds / 2)
        for _ in range(sizes.rounds):
            found = window.orders(stage, server, readers, RATE, seconds, at_rest)
            sample = found.report.sample
            ours.append(found.per_frame * MICRO)
            idle.append(found.report.idle_share * 100)
            bares.append(bare.seconds_per_write(sample, count, RATE, seconds) * MICRO)
    cost = middle(ours)
    what = f"frame → {count:,} dashboards"
    least = f"a bare loop of os.write, same {len(sample)} bytes"
    yield against(what, cost, middle(bares), "µs", at_most(1.5), of=least)
    yield amount("  readers' process idle (at least)", min(idle), "%")
    with stage.ours(STREAM_HANDOFF="false") as server, stage.dashboards(server, count) as readers:
        # At rest each generator looks every second whether its reader is there, with frames not.
        rounds = [
            window.orders(stage, server, readers, OTHERS_RATE, seconds, idle=0.0)
            for _ in range(sizes.rounds)
        ]
    generator = middle(each.per_frame * MICRO for each in rounds)
    yield against("", cost, generator, "µs", of="our own generator, hand-off off")
    for module, publish, name in (
        ("plain", stage.feed.publish, "the plain shape: generator + subscription each"),
        ("flask_sse_app", stage.feed.publish_flask_sse, "Flask-SSE 1.0.0"),
    ):
        theirs = _of_baseline(stage, sizes, module, publish)
        yield against("", cost, theirs * MICRO, "µs", at_most(0.2), of=name)


def _of_baseline(
    stage: Stage, sizes: Sizes, module: str, publish: Callable[[float, float], object]
) -> float:
    """CPU seconds of one frame to one dashboard."""
    costs = []
    with stage.baseline(module) as server, Readers(OTHERS_CORE) as readers:
        readers.open(server.address, "/stream", None, sizes.dashboards, await_frames=False)
        _await_first_frames(readers, sizes.dashboards, publish)
        at_rest = window.idle_share(server, sizes.window_seconds / 2)
        for _ in range(sizes.rounds):
            costs.append(_cost(server, readers, sizes, at_rest, publish))
    return middle(costs)


def _await_first_frames(
    readers: Readers, count: int, publish: Callable[[float, float], object]
) -> None:
    """Flask-SSE answers with its first event, so events are published until all have one."""
    deadline = time.monotonic() + OPENING_SECONDS
    while readers.begun() < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{readers.begun()} of {count} dashboards got anything")
        publish(1.0, 1.0)
        time.sleep(0.5)


def _cost(
    server: Server,
    readers: Readers,
    sizes: Sizes,
    at_rest: float,
    publish: Callable[[float, float], object],
) -> float:
    readers.begin()
    before = server.cpu
    publish(OTHERS_RATE, sizes.window_seconds)
    time.sleep(0.5)
    report = readers.end()
    return (server.cpu - before - at_rest * report.seconds) / max(1, report.frames)
