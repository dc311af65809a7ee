"""A flash sale, and a week: the page stays quick and does not grow."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.steps import ORDERS, open_board, shows

PER_SECOND = 200
SECONDS = 20
LONGEST_TASK_MS = 100
PAINTED_MS = 250  # Some 30 ms on an idle machine; the benchmark holds it to less.
MANY = 10_000
WARM_UP = 6000  # All lists are as long as they get.
# Frames as a sale of so many orders sends them, through the page's own door.
SALE = """async ([from, orders, perSecond]) => {
    const {board} = flashboard;
    const shoe = {id: "1", sku: "S", name: "Shoe", price: 1, threshold: 10, lowStock: true,
        paused: false, refused: 0, pace: 9};
    const started = performance.now();
    for (let n = from + 1; n <= from + orders; n++) {
        const at = {timestamp: Date.now()}, createdAt = new Date().toISOString();
        const order = {id: String(n), customer: `Customer ${n}`, total: n, items: 1,
            status: "placed", createdAt};
        board.apply("orders", {type: "new_order", order, orders: [order], count: 1,
            ordersToday: n, revenueToday: n, ...at}, `sale-${2 * n}`);
        board.apply("inventory", {type: "changed", ...at,
            product: {...shoe, remaining: n % 9 + 1}}, `sale-${2 * n + 1}`);
        if (n % 50 === 0) board.apply("alerts", {id: String(n), severity: "warning",
            message: `Alert ${n}`, acknowledged: n % 100 === 0, createdAt});
        const wait = started + (n - from) * 1000 / perSecond - performance.now();
        if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
    }
}"""


def longest_task_ms(trace):
    """Of the page's main thread, in its own time: a busy machine is not its fault."""
    events = trace["traceEvents"]
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["tdur"] / 1000
        for event in events
        if event.get("name", "").endswith("RunTask")
        and (event["pid"], event["tid"]) in main
        and "tdur" in event
    ]
    assert len(tasks) > SECONDS * 10, "the trace tells of no tasks"
    return max(tasks)


@pytest.mark.timeout(120)
def test_two_hundred_orders_a_second_leave_the_page_quick(browser, board, till):
    shoe = till.product(remaining=100_000)
    till.sell(shoe)
    shows(board, ORDERS, "1")
    browser.start_tracing(page=board, categories=["toplevel"])
    board.evaluate(SALE, [1, PER_SECOND * SECONDS, PER_SECOND])

    longest = longest_task_ms(json.loads(browser.stop_tracing()))
    print(f"longest task at {PER_SECOND} orders/s: {longest:.0f} ms")
    assert longest < LONGEST_TASK_MS


@pytest.mark.timeout(120)
def test_ten_thousand_orders_leave_no_trace_in_memory(board):
    protocol = board.context.new_cdp_session(board)

    def used():
        protocol.send("HeapProfiler.collectGarbage")
        found = protocol.send("Memory.getDOMCounters")
        return protocol.send("Runtime.getHeapUsage")["usedSize"], found["nodes"]

    board.evaluate(SALE, [0, WARM_UP, 2000])
    board.wait_for_timeout(1500)  # Until toasts and the slower cards are done.
    heap, nodes = used()
    board.evaluate(SALE, [WARM_UP, MANY, 2000])
    board.wait_for_timeout(1500)
    heap_after, nodes_after = used()

    print(f"heap {heap / 1e6:.1f} → {heap_after / 1e6:.1f} MB, nodes {nodes} → {nodes_after}")
    assert heap_after < heap * 1.25
    assert nodes_after < nodes * 1.1


def test_an_order_is_painted_at_once(page, site, operator, till):
    shoe = till.product(remaining=1000)
    open_board(page, operator, site.url)
    page.evaluate(
        """selector => {
            globalThis.painted = [];
            new MutationObserver(() => painted.push(Date.now()))
                .observe(document.querySelector(selector), {childList: true, subtree: true});
        }""",
        ORDERS,
    )
    posted = []
    with ThreadPoolExecutor(4) as pool:
        for _ in range(60):
            posted.append(time.time() * 1000)
            pool.submit(till.sell, shoe)
            time.sleep(1 / 20)  # The pace of the sale is the point, not a wait for an event.
    shows(page, ORDERS, "60")

    painted = page.evaluate("() => painted")
    waits = sorted(min(at for at in painted if at >= begun) - begun for begun in posted)
    print(f"order posted to painted: median {waits[len(waits) // 2]:.0f} ms, worst {waits[-1]:.0f}")
    assert waits[len(waits) // 2] < PAINTED_MS
