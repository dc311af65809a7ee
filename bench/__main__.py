"""`python -m bench [NAME…]`: measure, and print one table. Exits 0 whatever it finds.

`--tiny` measures next to nothing, to see that all of it works.
"""

import argparse
import importlib
import importlib.util
import os
import platform
import sys
import time
from collections.abc import Iterator

from bench.report import Figure, table
from bench.sizes import FULL, TINY, Sizes
from bench.stage import Stage, stage

# In the order of a run; each a module of this package.
NAMES = ("frames", "latency", "memory", "storm", "polling", "glass", "orders")


def main() -> None:
    """All measurements, or those that are named."""
    asked = _arguments()
    sizes = TINY if asked.tiny else FULL
    started = time.monotonic()
    figures: list[Figure] = []
    with stage() as shared:
        for name in asked.names or NAMES:
            figures += _measured(name, shared, sizes)
    print(f"\n{table(figures)}\n")
    print(_machine(), f"{time.monotonic() - started:.0f} s", sep=" · ")


def _measured(name: str, shared: Stage, sizes: Sizes) -> Iterator[Figure]:
    if importlib.util.find_spec(f"bench.{name}") is None:
        return
    measurement = importlib.import_module(f"bench.{name}")
    print(f"… {measurement.SUBJECT}", file=sys.stderr, flush=True)
    yield Figure(f"── {measurement.SUBJECT}", "")
    try:
        yield from measurement.measure(shared, sizes)
    except (OSError, RuntimeError, TimeoutError) as error:
        print(error, file=sys.stderr)
        yield Figure("  not measured", type(error).__name__, held=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--tiny", action="store_true", help="next to nothing, to see that it works")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    return asked


def _machine() -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    cores = f"{os.cpu_count()} cores, load {load} at the end"
    return (
        f"Python {platform.python_version()} · {platform.system()} {platform.release()} · {cores}"
    )


if __name__ == "__main__":
    main()
