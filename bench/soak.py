"""`python -m bench.soak [MINUTES]`: sell while things break at random; add up after each.

Ten minutes if not said. A line for each fault: how long until orders were taken again and all was
right, the median of an order, the memory of the workers. Exits 1 if anything is ever wrong.
"""

import os
import random
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil

from tests.faults.shop import Shop, median
from tests.faults.test_postgres_lost import WAYS as POSTGRES_LOST
from tests.faults.test_redis_lost import AWAY as REDIS_AWAY
from tests.faults.test_redis_lost import REBUILT as REDIS_LOST
from tests.servers import throwaway_servers

MINUTES = 10.0
ORDERS_BETWEEN = 60
AWAY_SECONDS = 1.0
MIB = 1024 * 1024

Fault = Callable[[Shop], None]


def worker_killed(shop: Shop) -> None:
    """gunicorn starts another."""
    os.kill(random.choice(shop.site.workers), signal.SIGKILL)


def away(way: str) -> Fault:
    """Redis is away for a moment."""

    def break_and_mend(shop: Shop) -> None:
        mend = REDIS_AWAY[way](shop)
        time.sleep(AWAY_SECONDS)
        mend()

    return break_and_mend


def postgres_lost(way: str) -> Fault:
    """Postgres is away for a moment."""

    def break_and_mend(shop: Shop) -> None:
        with POSTGRES_LOST[way](shop):
            time.sleep(AWAY_SECONDS)

    return break_and_mend


FAULTS: dict[str, Fault] = {
    "nothing": lambda shop: None,
    "worker killed": worker_killed,
    **{f"Redis {way}": fault for way, fault in REDIS_LOST.items() if "old" not in way},
    **{f"Redis {way}": away(way) for way in REDIS_AWAY},
    **{f"Postgres {way}": postgres_lost(way) for way in POSTGRES_LOST},
}


def one_round(shop: Shop, name: str) -> str:
    """Sell, break something, sell on, add up. Raises AssertionError if anything is wrong."""
    with shop.keyed_sale() as sale:
        sale.await_orders(ORDERS_BETWEEN)
        FAULTS[name](shop)
        mended = time.monotonic()
        took = sale.await_orders(ORDERS_BETWEEN)
        again = time.monotonic() - mended
    shop.everyone_is_right([])
    right = time.monotonic() - mended
    memory = [psutil.Process(pid).memory_info().rss / MIB for pid in shop.site.workers]
    return (
        f"{name:<42} {again:6.2f} s for {ORDERS_BETWEEN} orders, {right:6.2f} s to the sum  "
        f"p50 {median(took) * 1000:6.1f} ms  {'/'.join(f'{each:.0f}' for each in memory)} MiB  "
        f"{shop.placed:,} orders"
    )


def main() -> None:
    """Rounds until the time is over."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    deadline = time.monotonic() + minutes * 60
    with ExitStack() as stack:
        directory = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="flashboard-soak-"))
        )
        servers = stack.enter_context(throwaway_servers())
        settings = {"SECRET_KEY": secrets.token_hex(32)}
        servers.flask("db", "upgrade", **settings)
        shop = Shop(servers, directory, settings)
        stack.callback(shop.close)
        while time.monotonic() < deadline:
            name = random.choice(list(FAULTS))
            try:
                print(one_round(shop, name), flush=True)
            except AssertionError:
                print(f"{name}: WRONG", flush=True)
                raise
    print(f"{shop.placed:,} orders, none lost, none doubled, nothing oversold")


if __name__ == "__main__":
    main()
