"""Kill or freeze what can be killed or frozen under a running sale, and add everything up."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping

import psycopg2
import pytest

from tests.conftest import LiveFactory, ServersFactory
from tests.faults.sale import PRICE_CENTS, Sale
from tests.live import Live
from tests.servers import Servers

pytestmark = pytest.mark.faults

FROZEN_SECONDS = 2.0
# Postgres has to recover before it answers; everything else is there at once.
RIGHT_WITHIN_SECONDS = {"postgres killed": 5.0}
# The machine may be busy: three times the promise still tells a mended board from a lost one.
SLACK = 3
SCOPES = ["stream:read", "orders:write", "products:write"]

Fault = Callable[[Live, Servers], None]
TABLE: list[str] = []


def nothing(site: Live, servers: Servers) -> None:
    """The table's first row: what an untroubled sale looks like."""


def worker_killed(site: Live, servers: Servers) -> None:
    """gunicorn starts another."""
    os.kill(site.workers[0], signal.SIGKILL)


def redis_killed(site: Live, servers: Servers) -> None:
    """It comes back with what it had saved, which is older than what it knew."""
    servers.redis.kill9()
    servers.redis.start()


def redis_lost(site: Live, servers: Servers) -> None:
    """It comes back with nothing."""
    servers.redis.kill9()
    servers.redis.wipe()
    servers.redis.start()


def redis_frozen(site: Live, servers: Servers) -> None:
    """Connections stay open, and nothing answers."""
    servers.redis.sigstop()
    time.sleep(FROZEN_SECONDS)
    servers.redis.sigcont()


def postgres_killed(site: Live, servers: Servers) -> None:
    """Orders are refused meanwhile, and none is half done."""
    servers.postgres.kill9()
    servers.postgres.start()


FAULTS: list[Fault] = [
    nothing,
    worker_killed,
    redis_killed,
    redis_lost,
    redis_frozen,
    postgres_killed,
]


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print what came of each fault."""
    yield
    head = "fault             sent  acknowledged  lost  doubled  oversold  right after"
    print("\n" + "\n".join([head, *TABLE]))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_sale_adds_up_whatever_breaks(
    fault: Fault,
    own_servers: ServersFactory,
    live: LiveFactory,
    settings_of_tests: Mapping[str, str],
) -> None:
    servers = own_servers()
    token = servers.flask(
        "tokens", "create", "till", "--scope", *SCOPES, **settings_of_tests
    ).splitlines()[-1]
    site = live(workers=2, servers=servers)
    sale = Sale(site, token)
    sale.start()
    sale.await_acknowledged(sale.orders // 3)
    fault(site, servers)
    seconds = sale.seconds_until_right()
    sale.finish()
    sale.seconds_until_right()

    unexpected = [each for buyer in sale.buyers for each in buyer.unexpected]
    placed, revenue, stock, keys = _rows(servers)
    acknowledged = sale.acknowledged
    lost = acknowledged - placed + sum(len(each.lost) for each in sale.dashboards)
    doubled = placed - keys + sum(len(each.doubled) for each in sale.dashboards)
    oversold = max(0, placed - (sale.stock - stock))
    name = fault.__name__.replace("_", " ")
    TABLE.append(
        f"{name:<16}{sale.orders:>6}{acknowledged:>14}{lost:>6}{doubled:>9}{oversold:>10}"
        f"{seconds:>11.2f} s"
    )
    assert unexpected == []
    assert acknowledged == placed == keys == sale.orders == sale.stock - stock
    assert [each.lost for each in sale.dashboards if each.lost] == []
    assert [each.doubled for each in sale.dashboards if each.doubled] == []
    assert [each.went_back for each in sale.dashboards if each.went_back] == []
    assert revenue == placed * PRICE_CENTS
    for each in sale.dashboards:
        assert (each.orders, each.revenue_cents) == (placed, revenue)
        each.stop()
    assert servers.flask("counters", "verify", **settings_of_tests).strip()
    assert seconds < SLACK * RIGHT_WITHIN_SECONDS.get(name, 3.0)
    site.stop(tolerate=("SIGKILL",) if fault is worker_killed else ())


def _rows(servers: Servers) -> tuple[int, int, int, int]:
    """Orders, their revenue in cents, the stock left, and keys that have an answer."""
    with psycopg2.connect(servers.postgres.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(total), (SELECT sum(stock) FROM products), "
            "(SELECT count(*) FROM idempotency_keys WHERE status = 201 AND key LIKE 'order-%') "
            "FROM orders"
        )
        orders, revenue, stock, keys = cursor.fetchone() or (0, 0, 0, 0)
    connection.close()
    return orders, int(revenue), int(stock), keys
