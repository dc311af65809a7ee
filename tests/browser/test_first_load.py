"""The first load: small, from one host, and within the page's own policy."""

from embedded.processes import wait
from tests.browser.steps import LIVE, open_board

LIMIT_BYTES = 100_000
LOADED = """() => performance.getEntriesByType("navigation")
    .concat(performance.getEntriesByType("resource").filter(({name}) => !name.includes("/api/")))
    .map(({name, decodedBodySize}) => [name, decodedBodySize])"""


def test_it_is_small_and_from_one_host(page, site, operator, till):
    shoe = till.product("Trail Shoe 42", 40)
    for number in range(6):
        till.product(f"Merino Beanie {number}", 5 + number % 4)
    for _ in range(10):
        till.sell(shoe)
    assert wait(lambda: len(till.metrics()["recentOrders"]) == 10, seconds=5)
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    open_board(page, operator, site.url)
    page.wait_for_load_state("load")

    sizes = dict(page.evaluate(LOADED))
    total = sum(sizes.values())
    print(f"first load: {total:,} bytes in {len(sizes)} files")
    assert all(url.startswith(site.url) for url in requested)
    assert total < LIMIT_BYTES, sorted(sizes.items(), key=lambda size: -size[1])


def test_nothing_on_it_asks_for_what_the_policy_forbids(board):
    violations = board.evaluate(
        """() => new Promise(resolve => {
            const found = [];
            addEventListener("securitypolicyviolation", ({violatedDirective}) =>
                found.push(violatedDirective));
            document.querySelectorAll("button:not(form button, #wall)").forEach(button =>
                button.click());
            setTimeout(() => resolve(found), 1000);
        })"""
    )

    assert violations == []


def test_layout_does_not_shift(page, site, operator, till):
    till.sell(till.product(remaining=8))
    page.add_init_script(
        """globalThis.shifted = 0;
        new PerformanceObserver(list => list.getEntries().forEach(entry => {
            if (!entry.hadRecentInput) shifted += entry.value;
        })).observe({type: "layout-shift", buffered: true});"""
    )
    operator.enter(page, site.url)
    page.wait_for_selector(LIVE)

    assert page.evaluate("() => shifted") < 0.01
