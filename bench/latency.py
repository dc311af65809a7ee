"""From publication to the dashboards' sockets, and the CPU for it, as events become more."""

from collections.abc import Iterator

from bench import window
from bench.report import Figure, against, amount, at_most, fact, middle, percentile
from bench.sizes import Sizes
from bench.stage import Stage
from bench.window import Window

SUBJECT = "publication to dashboard"
MILLI = 1_000
MOST_MILLISECONDS = 50
MOST_SHARE = 25


def measure(stage: Stage, sizes: Sizes) -> Iterator[Figure]:
    """All rates in turn, several times over."""
    count = sizes.dashboards
    found: dict[int, list[Window]] = {rate: [] for rate in sizes.rates}
    with stage.ours() as server, stage.dashboards(server, count) as readers:
        at_rest = window.idle_share(server, sizes.window_seconds / 2)
        for _ in range(sizes.rounds):
            for rate, windows in found.items():
                windows.append(
                    window.orders(stage, server, readers, rate, sizes.window_seconds, at_rest)
                )
    for rate, windows in found.items():
        yield from _of_rate(rate, windows)
    most = max(found)
    if len(found) > 1:
        fewer = sorted(found)[-2]
        more, less = _share(found[most]), _share(found[fewer])
        name = f"CPU at {most} events/s"
        yield against(name, more, less, "% of a core", at_most(1.5), of=f"at {fewer} events/s")
    everything = [each for windows in found.values() for each in windows]
    sent = sum(each.report.frames for each in everything)
    said = f"{sum(not each.whole for each in everything)} windows not whole, of {sent:,} frames"
    yield fact("events lost, doubled or out of order", said, all(e.whole for e in everything), "0")
    idle = min(each.report.idle_share for each in everything) * 100
    yield amount("  readers' process idle (at least)", idle, "%")


def _of_rate(rate: int, windows: list[Window]) -> Iterator[Figure]:
    half, nearly_all = (
        middle(percentile(each.report.latencies, percent) * MILLI for each in windows)
        for percent in (50, 99)
    )
    yield amount(f"{rate:>3} events/s: p50", half, "ms")
    yield amount(f"{rate:>3} events/s: p99", nearly_all, "ms", MOST_MILLISECONDS)
    yield amount(f"{rate:>3} events/s: CPU", _share(windows), "% of a core", MOST_SHARE)


def _share(windows: list[Window]) -> float:
    return middle(each.share * 100 for each in windows)
