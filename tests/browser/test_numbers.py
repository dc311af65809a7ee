"""The three numbers: there at once, exact, live, and compared with yesterday."""

import pytest

from tests.browser.steps import ORDERS, REVENUE, open_board, shows

CHIP = "[data-card='orders/today'] .chip"
COMPARE = "{orders: %s, revenue: 100, asOf: '2026-11-23T14:32:00Z'}"


def test_the_numbers_are_in_the_page_before_any_script(new_page, site, operator, till):
    shoe = till.product(remaining=50)
    till.sell(shoe, 2)
    page = new_page(java_script_enabled=False)
    operator.enter(page, site.url)

    assert page.inner_text(ORDERS) == "1"
    assert page.inner_text(REVENUE) == "$25.00"
    assert "Ada Lovelace" in page.inner_text("[data-card='orders/recent']")


def test_an_order_is_on_the_page_at_once(board, till):
    shoe = till.product()
    for _ in range(3):
        till.sell(shoe, 2)

    shows(board, ORDERS, "3")
    shows(board, REVENUE, "$75.00")


def test_a_cancelled_order_is_taken_off(board, till):
    order = till.sell(till.product())
    shows(board, ORDERS, "1")
    till.act(f"/api/orders/{order['id']}/cancel")

    shows(board, ORDERS, "0")
    shows(board, REVENUE, "$0.00")
    shows(board, "[data-card='orders/recent'] tbody [data-field=status]", "Cancelled")


@pytest.mark.parametrize(
    ("currency", "price", "shown"), [("JPY", 1250, "¥1,250"), ("KWD", 1.234, "KWD\u00a01.234")]
)
def test_currencies_keep_their_own_digits(another_shop, new_page, currency, price, shown):
    shop = another_shop(SHOP_CURRENCY=currency)
    page = new_page(locale="en-US")
    shop.enter(page)
    shop.till.sell(shop.till.product(price=price))

    shows(page, REVENUE, shown)


def test_numbers_follow_the_viewers_language(new_page, site, operator, till):
    page = open_board(new_page(locale="de-DE"), operator, site.url)
    till.sell(till.product(), 100)

    shows(page, REVENUE, "1.250,00\u00a0€".replace("€", "$"))


@pytest.mark.parametrize(
    ("now", "yesterday", "words", "tone"),
    [
        (5, "null", "—", ""),
        (5, 0, "New", "info"),
        (0, 0, "0, same as yesterday", ""),
        (8, 5, "▲ +3", "good"),
        (112, 100, "▲ 12%", "good"),
        (95, 100, "▼ 5%", "warning"),
        (1200, 100, "▲ ×12", "good"),
    ],
)
def test_the_comparison_names_its_case(board, now, yesterday, words, tone):
    frame = f"{{ordersToday: {now}, compare: {COMPARE % yesterday}}}"
    board.evaluate(f"flashboard.board.apply('clock', {frame})")

    shows(board, CHIP, words)
    assert board.get_attribute(CHIP, "data-tone") == tone


def test_what_strangers_publish_breaks_nothing(board, till, app):
    import extensions

    for data in ("[]", "null", '{"ordersToday": "many"}', '{"orders": [1, null]}', "{", '"x"'):
        extensions.redis.commands.publish("metrics:orders", data)
        extensions.redis.commands.publish("metrics:alerts", data)
    till.publish("unheard-of", ordersToday=-1)
    till.sell(till.product())

    shows(board, ORDERS, "1")


def test_a_shop_that_counts_no_visitors_is_led_to_the_line_for_it(board, site, till):
    card = board.locator("[data-card=activity]")
    card.get_by_text("Not counting visitors yet.").wait_for()
    invite = card.get_by_role("link", name="Add one line to your shop")
    site.post("/api/activity", {"visitor": "ada"})
    invite.wait_for(state="hidden")
    shows(board, "[data-card=activity] .value", "1")


def test_the_line_is_there_to_be_copied(board):
    board.get_by_role("link", name="Add one line to your shop").click()

    heading = board.get_by_role("heading", name="Count the visitors of your shop")
    heading.wait_for()
    assert board.url.endswith("/docs#beacon")
    assert f"{board.url.partition('/docs')[0]}/api/activity" in board.inner_text(".reference")
