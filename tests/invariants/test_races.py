"""Invariant 1 under races: many at once, through two workers' real doors."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.live import Answer, Live
from tests.till import Till

Call = Callable[[], Answer]


def at_once(calls: Sequence[Call]) -> list[Answer]:
    """All calls, each on a thread and a connection of its own, let go at one instant."""
    gate = threading.Barrier(len(calls))

    def go(call: Call) -> Answer:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(go, calls))


def order(site: Live, till: Till, lines: Sequence[tuple[str, int]], key: str = "") -> Call:
    """An order to the live site."""
    items = [{"productId": id, "quantity": units} for id, units in lines]
    headers = {"Idempotency-Key": key} if key else {}
    body = {"customer": "Ada", "items": items}
    return lambda: site.post("/api/orders", body, token=till.token, headers=headers, timeout=30)


def statuses(answers: Sequence[Answer]) -> Counter[int]:
    """How many of each status."""
    return Counter(answer.status for answer in answers)


def test_fifty_buyers_for_the_last_ten(till: Till, site: Live) -> None:
    mug = till.product(remaining=10, price=2, threshold=10)

    answers = at_once([order(site, till, [(mug, 1)])] * 50)

    assert statuses(answers) == {201: 10, 409: 40}
    for answer in answers:
        if answer.status == 409:
            problem = answer.json
            assert problem["type"].endswith("/out-of-stock")
            refused = [(each["id"], each["asked"]) for each in problem["products"]]
            assert refused == [(mug, 1)]
            assert problem["products"][0]["remaining"] == 0
    mug_now = till.get(f"/api/products/{mug}")
    assert (mug_now["remaining"], mug_now["refused"]) == (0, 40)
    board = till.board()
    assert (board["ordersToday"], board["revenueToday"]) == (10, 20)
    assert board["ordersRefusedToday"] == 40
    assert [alert["kind"] for alert in board["alerts"]] == ["sold_out"]


def test_orders_of_many_products_in_any_order_never_deadlock(till: Till, site: Live) -> None:
    chance = random.Random(7)
    products = [till.product(remaining=1_000) for _ in range(8)]
    calls, taken = [], Counter[str]()
    for _ in range(120):
        lines = [(id, chance.randint(1, 3)) for id in chance.sample(products, 6)]
        taken.update(dict(lines))
        calls.append(order(site, till, lines))

    answers = at_once(calls)

    assert statuses(answers) == {201: 120}
    assert {id: 1_000 - till.remaining(id) for id in products} == taken
    till.board()


def test_everything_ops_do_during_a_sale(till: Till, site: Live) -> None:
    chance = random.Random(11)
    products = [till.product(remaining=30, threshold=10) for _ in range(5)]

    def act(path: str, body: Any = None) -> Call:
        return lambda: site.post(path, body, token=till.token, timeout=30)

    calls = [
        order(site, till, [(id, chance.randint(1, 4)) for id in chance.sample(products, 3)])
        for _ in range(80)
    ]
    calls += [act("/api/products/pause", {"all": True}), act("/api/products/resume", {"all": True})]
    calls += [act(f"/api/products/{id}/restock", {"quantity": 5}) for id in products * 2]
    calls += [act(f"/api/products/{id}/{do}") for id in products for do in ("pause", "resume")]
    calls += [act(f"/api/orders/{till.placed((products[0], 1))}/cancel") for _ in range(5)]
    chance.shuffle(calls)

    answers = at_once(calls)

    assert set(statuses(answers)) <= {200, 201, 409}
    sold: Counter[str] = Counter()
    for answer in answers:
        if answer.status == 201:
            sold.update({line["productId"]: line["quantity"] for line in answer.json["lines"]})
    assert {id: till.remaining(id) for id in products} == {id: 40 - sold[id] for id in products}
    assert till.board()["ordersToday"] == statuses(answers)[201]


def test_a_pause_stops_the_sale_for_everyone_after_it(till: Till, site: Live) -> None:
    mug = till.product(remaining=10_000)
    paused = threading.Event()
    after_pause: list[int] = []

    def buy_on_and_on() -> None:
        while True:
            begun_after = paused.is_set()
            status = order(site, till, [(mug, 1)])().status
            if begun_after:
                after_pause.append(status)
                return

    with ThreadPoolExecutor(8) as pool:
        buyers = [pool.submit(buy_on_and_on) for _ in range(8)]
        answer = site.post(f"/api/products/{mug}/pause", token=till.token)
        left = answer.json["remaining"]
        paused.set()
        for buyer in buyers:
            buyer.result(30)

    assert after_pause == [409] * 8
    assert till.remaining(mug) == left


def test_one_key_at_one_instant_is_one_order(till: Till, site: Live) -> None:
    mug = till.product(remaining=100)

    answers = at_once([order(site, till, [(mug, 1)], key="k1")] * 20)

    assert statuses(answers) == {201: 20}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert till.remaining(mug) == 99


def test_one_key_at_one_instant_for_the_last_one(till: Till, site: Live) -> None:
    mug = till.product(remaining=1)

    answers = at_once([order(site, till, [(mug, 1)], key="k1")] * 20)

    assert statuses(answers) == {201: 20}
    mug_now = till.get(f"/api/products/{mug}")
    assert (mug_now["remaining"], mug_now["refused"]) == (0, 0)


def test_one_order_cancelled_by_many_is_cancelled_once(till: Till, site: Live) -> None:
    mug = till.product(remaining=10)
    kept, gone = till.placed((mug, 3)), till.placed((mug, 2))

    path = f"/api/orders/{gone}/cancel"
    answers = at_once([lambda: site.post(path, token=till.token, timeout=30)] * 12)

    assert statuses(answers) == {200: 12}
    assert till.remaining(mug) == 7
    board = till.board()
    assert board["ordersToday"] == 1
    assert [(each["id"], each["status"]) for each in board["recentOrders"]] == [
        (gone, "cancelled"),
        (kept, "placed"),
    ]
