"""The truth about freshness."""

import pytest

from tests.browser.steps import LIVE, ORDERS, open_board, shows

ACROSS_A_RESTART_MS = 3000
SLACK_SECONDS = 6  # The watchdog looks every five.


def state(page, name, timeout=15_000):
    page.wait_for_selector(f"#link[data-state='{name}']", timeout=timeout)


def test_killed_and_restarted_in_mid_sale_the_numbers_are_right_again(
    another_shop, new_page, console_errors
):
    shop = another_shop()
    page = new_page()
    shop.enter(page)
    shoe = shop.till.product(remaining=1000)
    shop.till.sell_many(shoe, 20)
    shop.till.alert("Payment provider is slow", "critical")
    shows(page, ORDERS, "20")
    page.locator(".toast").wait_for()
    shop.server.kill9()
    state(page, "reconnecting")
    shop.restart()
    shop.till.sell_many(shoe, 20)

    shows(page, ORDERS, "40", timeout=ACROSS_A_RESTART_MS)
    state(page, "live")
    assert page.locator(".toast").count() == 1
    console_errors.clear()  # The browser notes each refused connection.


def test_ten_seconds_without_a_link_dim_the_numbers(
    page, operator, wire, site, till, console_errors
):
    page.clock.install()
    board = open_board(page, operator, wire.url)
    till.sell(till.product())
    shows(board, ORDERS, "1")
    wire.cut()

    state(board, "reconnecting")
    assert board.locator("body.is-stale").count() == 0
    board.clock.run_for(11_000)
    board.wait_for_selector("body.is-stale")
    shown = board.inner_text("[data-card='orders/today'] .card__asof")
    assert shown.startswith("As of ")
    assert len(shown) == len("As of 14:03:22")
    assert board.inner_text(ORDERS) == "1"
    board.wait_for_function("() => document.title.startsWith('✕ ')")
    wire.to = site.port
    board.clock.run_for(31_000)
    board.wait_for_selector(LIVE)
    assert board.locator("body.is-stale").count() == 0
    console_errors.clear()


@pytest.mark.timeout(120)
def test_a_silent_link_is_noticed_within_35_seconds(page, wire, operator, console_errors):
    page.clock.install()
    open_board(page, operator, wire.url)
    wire.fall_silent()
    page.clock.run_for(25_000)
    assert page.locator(LIVE).count() == 1

    page.clock.run_for((10 + SLACK_SECONDS) * 1000)
    state(page, "reconnecting")
    wire.speak()
    page.wait_for_selector(LIVE, timeout=15_000)
    console_errors.clear()


def test_waking_after_a_long_sleep_asks_at_once(page, wire, operator):
    page.clock.install()
    open_board(page, operator, wire.url)
    opened = wire.streams
    page.clock.fast_forward(60_000)  # Timers fire once, late, as after sleep.

    page.wait_for_selector(LIVE)
    page.clock.resume()
    page.wait_for_timeout(100)
    assert wire.streams == opened + 1


@pytest.mark.parametrize(
    ("status", "headers", "name", "words"),
    [
        (503, {"Retry-After": "20"}, "full", "Board is full, trying in"),
        (401, {}, "signed-out", "Signed out. Sign in"),
    ],
)
def test_a_refused_stream_says_why(board, console_errors, status, headers, name, words):
    board.route(
        "**/api/stream/metrics*", lambda route: route.fulfill(status=status, headers=headers)
    )
    board.evaluate("() => flashboard.tabs.retry()")

    state(board, name)
    assert words in board.inner_text("#link")
    assert board.locator("body.is-stale").count() == 1
    console_errors.clear()


def test_signing_out_elsewhere_ends_the_board(board, site, operator, console_errors):
    assert site.post("/logout", headers=operator.headers).status == 303

    state(board, "signed-out", timeout=25_000)
    assert board.get_attribute("#link a", "href") == "/login?next=%2F"
    console_errors.clear()


def test_the_servers_own_feed_down_is_another_thing(another_shop, new_page):
    shop = another_shop()
    page = new_page()
    shop.enter(page)
    shop.servers.redis.kill9()

    state(page, "feed-down", timeout=25_000)
    assert "Shop feed down since" in page.inner_text("#link")
    shop.servers.redis.start()
    state(page, "live", timeout=25_000)


def test_a_wrong_clock_breaks_no_age(new_page, site, operator, till):
    page = new_page()
    page.clock.install(time="2031-01-01T00:00:00Z")
    open_board(page, operator, site.url)
    till.sell(till.product())

    shows(page, "[data-card='orders/recent'] tbody time", "now")


def test_no_warning_in_the_first_moments(new_page, site, operator):
    page = new_page()
    page.route("**/api/stream/metrics*", lambda route: None)
    operator.enter(page, site.url)

    page.wait_for_function("() => globalThis.flashboard")
    assert page.inner_text("#link") == "Connecting…"
    state(page, "reconnecting")
