"""Postgres is lost: orders are refused at once and whole, dashboards stay, all comes back."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg2
import pytest

from tests.faults.shop import Shop, says_live
from tests.live import Answer

pytestmark = pytest.mark.faults

DASHBOARDS = 4
# What is promised, and what a busy machine may add to it.
SECONDS, SLACK = 2.0, 1.0


@contextmanager
def killed(shop: Shop) -> Iterator[None]:
    """Gone, connections and all."""
    shop.servers.postgres.kill9()
    try:
        yield
    finally:
        shop.servers.postgres.start()


@contextmanager
def frozen(shop: Shop) -> Iterator[None]:
    """Every connection stays open and nothing answers."""
    master = psutil.Process(shop.servers.postgres.pid)
    processes = [master, *master.children()]
    for each in processes:
        each.suspend()
    try:
        yield
    finally:
        for each in processes:
            each.resume()


WAYS = {"killed": killed, "frozen": frozen}


@contextmanager
def psql(shop: Shop) -> Iterator[Any]:
    """A cursor of somebody else's connection; what it does is undone."""
    connection = psycopg2.connect(shop.servers.postgres.url)
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def timed(call: Callable[[], Answer]) -> tuple[Answer, float]:
    """An answer, and how long it took."""
    started = time.monotonic()
    return call(), time.monotonic() - started


def refused_in_time(answer: Answer, seconds: float) -> bool:
    """Whether it is the 503 problem that was promised."""
    assert answer.status == 503, answer.body
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert b"Traceback" not in answer.body
    return seconds < SECONDS + SLACK


@pytest.mark.parametrize("way", WAYS)
def test_orders_are_refused_in_time_and_dashboards_stay(shop: Shop, way: str) -> None:
    dashboards = [shop.dashboard() for _ in range(DASHBOARDS)]
    assert shop.order().status == 201
    shop.placed += 1
    shop.everyone_is_right(dashboards)
    keys = [f"{way}-{number}" for number in range(12)]

    with WAYS[way](shop):
        with ThreadPoolExecutor(len(keys)) as pool:
            answers = list(pool.map(lambda key: timed(lambda: shop.order(key)), keys))
        for stream in dashboards:
            down = stream.until(says_live(False), 30)
            assert down.event == "init" or "database" in down.data["reason"].lower()
        shop.await_both_say(live=False)
        # Who looks is shown what was last known, on a new stream, too.
        with shop.late_dashboard() as late:
            init = late.until("init").data
            assert (init["live"], init["ordersToday"]) == (False, shop.placed)
        late_answer, late_seconds = timed(shop.order)
    for stream in dashboards:
        stream.until(says_live(True), 30)

    assert all(refused_in_time(*each) for each in answers)
    assert refused_in_time(late_answer, late_seconds)
    # A refused order may be sent again by its key, whatever became of the first attempt.
    for key in keys:
        assert shop.order(key).status == 201
    shop.placed += len(keys)
    assert shop.order().status == 201
    shop.placed += 1
    shop.everyone_is_right(dashboards)
    for stream in dashboards:
        stream.close()


def test_after_a_terminated_connection_orders_go_on(shop: Shop) -> None:
    with shop.sale() as sale:
        sale.await_orders(20)
        with psql(shop) as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'flashboard'"
            )
        sale.await_orders(60)
    assert set(sale.statuses) <= {201, 503}
    assert set(sale.statuses[-20:]) == {201}
    shop.everyone_is_right([])


def test_a_connection_that_no_longer_answers_is_replaced(shop: Shop) -> None:
    assert shop.order().status == 201
    shop.placed += 1
    with psql(shop) as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'flashboard' "
            "AND state = 'idle' LIMIT 1"
        )
        (pid,) = cursor.fetchone()
    os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(20):
            answer, seconds = timed(shop.order)
            shop.placed += answer.status == 201
            assert answer.status == 201 or refused_in_time(answer, seconds)
        assert answer.status == 201
    finally:
        os.kill(pid, signal.SIGCONT)
    shop.everyone_is_right([])


def other_product(shop: Shop, sku: str) -> Callable[[], Answer]:
    """Orders for something else."""
    product = {"sku": sku, "name": "Cap", "price": 1, "remaining": 1_000}
    id = shop.post("/api/products", product).json["id"]
    order = {"customer": "Ada", "items": [{"productId": id, "quantity": 1}]}
    return lambda: shop.post("/api/orders", order)


def test_a_query_that_waits_holds_up_nobody_else(shop: Shop) -> None:
    order_cap = other_product(shop, "CAP-1")
    with psql(shop) as cursor, ThreadPoolExecutor(3) as pool:
        cursor.execute("SELECT FROM products WHERE id = %s FOR UPDATE", [shop.product])
        waiting = [pool.submit(shop.order) for _ in range(2)]
        await_waiting(shop, 2)

        caps = [order_cap() for _ in range(10)]

        assert not any(each.done() for each in waiting), "nothing waited: it proves nothing"
        cursor.connection.rollback()
        mugs = [each.result() for each in waiting]
    assert {answer.status for answer in caps} == {201}
    assert {answer.status for answer in mugs} == {201}


def await_waiting(shop: Shop, count: int) -> None:
    """Until so many of the app's queries wait for a lock."""
    deadline = time.monotonic() + 10
    with psql(shop) as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE application_name = 'flashboard' AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
            cursor.connection.rollback()
            assert time.monotonic() < deadline, "nothing waits"
            time.sleep(0.01)


def test_a_used_up_pool_is_a_503_and_no_queue_without_end(shop: Shop) -> None:
    """More orders wait for one row than there are connections; when it is free, all goes on."""
    gate = threading.Barrier(31)

    def order() -> tuple[Answer, float]:
        gate.wait()
        return timed(shop.order)

    with psql(shop) as cursor, ThreadPoolExecutor(30) as pool:
        cursor.execute("SELECT FROM products WHERE id = %s FOR UPDATE", [shop.product])
        waiting = [pool.submit(order) for _ in range(30)]
        gate.wait()
        answers = [each.result() for each in waiting]

    assert all(refused_in_time(*each) for each in answers)
    assert shop.order().status == 201


def test_streams_hold_no_connection(shop: Shop) -> None:
    streams = [shop.dashboard() for _ in range(40)]
    for stream in streams:
        stream.until("init")
    with psql(shop) as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%%' "
            "AND now() - state_change > interval '1 second') "
            "FROM pg_stat_activity WHERE application_name = 'flashboard'"
        )
        connections, idle_in_transaction = cursor.fetchone()
    for stream in streams:
        stream.close()
    assert idle_in_transaction == 0
    assert connections < len(streams) / 2
