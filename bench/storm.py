"""Every link is cut at once: how long until each dashboard is right again."""

from collections.abc import Iterator

from bench.report import Figure, amount, fact, middle
from bench.sizes import Sizes
from bench.stage import Stage

SUBJECT = "reconnect storm"
MOST_SECONDS = 0.5
# Orders that come while nobody is there: right is who has been sent them, once each.
MISSED_ORDERS = 5


def measure(stage: Stage, sizes: Sizes) -> Iterator[Figure]:
    """Cut, publish, come back; several times."""
    count = sizes.dashboards
    found = []
    cpu = []
    with stage.ours() as server, stage.dashboards(server, count) as readers:
        for _ in range(sizes.rounds + 2):
            stage.feed.publish(20, 0.25)
            readers.cut()
            missed = stage.feed.publish(1_000, MISSED_ORDERS / 1_000)
            before = server.cpu
            found.append(readers.come_back(missed.last))
            cpu.append((server.cpu - before) / count)
    name = f"{count:,} cut at once → all right again"
    note = f"{middle(cpu) * 1e6:.0f} µs of CPU each"
    yield amount(name, middle(each.seconds for each in found), "s", MOST_SECONDS, note=note)
    wrong = sum(count - each.recovered + each.gaps + each.restarts for each in found)
    said = f"{wrong} of {count * len(found):,} returns"
    yield fact("  lost, doubled, or begun anew", said, wrong == 0, "0")
