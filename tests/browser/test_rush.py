"""A flash sale, and a week: the page stays quick and does not grow."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from blueprints.ops.http_client import Target
from blueprints.ops.sale import Plan, Sale
from blueprints.ops.scenarios import SCENARIOS
from tests.browser.steps import ORDERS, open_board, shows

PER_SECOND = 200
SECONDS = 20
LONGEST_TASK_MS = 100  # On the clock, so a machine with other work to do gets another look.
LOOKS = 3
LATE = 1.1
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
# Tasks of the page's main thread that took 50 ms or more, all that there ever were.
WATCH = """globalThis.tasks = [];
    new PerformanceObserver(list => tasks.push(...list.getEntries()))
        .observe({type: "longtask", buffered: true});"""
LONGEST = """from => tasks.filter(({startTime}) => startTime >= from)
    .reduce((longest, {duration}) => Math.max(longest, duration), 0)"""
SEEN = "least => tasks.some(({duration}) => duration >= least)"
BUSY = """ms => setTimeout(() => {
    const end = performance.now() + ms;
    while (performance.now() < end);
})"""


@pytest.fixture
def sell(site, till, token):
    """A sale through the API; what most come for is soon gone, so that alerts and refusals come."""
    target = Target(site.url, token("orders:write", "products:write", "stream:read"))
    for number in range(9):
        till.product(f"Merino Beanie {number}", remaining=100_000)

    def run():
        for size in (41, 42, 43):
            till.product(f"Trail Shoe {size}", remaining=10 * size)
        sale = Sale(target, Plan(PER_SECOND, SECONDS, SCENARIOS["steady"]))
        sale.prepare()
        return sale.run()

    return run


@pytest.mark.timeout(180)
def test_two_hundred_orders_a_second_leave_the_page_quick(
    browser, page, site, operator, till, sell
):
    page.add_init_script(WATCH)
    open_board(page, operator, site.url)
    for _ in range(LOOKS):
        browser.start_tracing(page=page, categories=["toplevel"])
        loaded = page.evaluate("performance.now()")
        tally = sell()
        longest = page.evaluate(LONGEST, loaded)
        busiest = own_time_ms(json.loads(browser.stop_tracing()))
        print(
            f"{tally.accepted} orders in {tally.seconds:.1f} s, "
            f"longest task {longest:.0f} ms, of its own time {busiest:.0f} ms"
        )
        # What cannot keep the pace of the sale says nothing by the clock: only its own time counts.
        starved = tally.seconds > SECONDS * LATE
        if (busiest if starved else longest) <= LONGEST_TASK_MS:
            break

    assert (busiest if starved else longest) <= LONGEST_TASK_MS
    assert tally.accepted > PER_SECOND * SECONDS / 2, tally.errors
    shows(page, ORDERS, f"{till.metrics()['ordersToday']:,}")
    page.evaluate(BUSY, 2 * LONGEST_TASK_MS)
    page.wait_for_function(SEEN, arg=2 * LONGEST_TASK_MS)  # One that long would be.


def own_time_ms(trace):
    """The longest task of the page's main thread by the processor's clock."""
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
