"""Freeze, colours, keys, numbers spoken: for people who look at it all day."""

from tests.browser.steps import LIVE, ORDERS, open_board, shows


def test_freeze_holds_the_numbers_and_counts_what_waits(board, till):
    shoe = till.product()
    till.sell(shoe)
    shows(board, ORDERS, "1")
    board.keyboard.press("f")
    board.locator(".banner", has_text="Frozen at").wait_for()
    till.sell(shoe)

    board.locator(".banner", has_text="waiting").wait_for()
    assert board.inner_text(ORDERS) == "1"
    till.alert("Alerts still come")
    board.locator("[data-card=alerts] li", has_text="Alerts still come").wait_for()
    board.get_by_role("button", name="Let it run").click()
    shows(board, ORDERS, "2")


def test_colours_are_kept_and_painted_by_the_server(board):
    board.keyboard.press("t")
    board.wait_for_selector("html[data-theme=dark]")
    board.reload()

    assert board.get_attribute("html", "data-theme") == "dark"
    assert board.evaluate("() => getComputedStyle(document.body).colorScheme") == "dark"


def test_question_mark_lists_the_keys_and_switches_them_off(board):
    board.keyboard.press("?")
    dialog = board.get_by_role("dialog", name="Keys")
    dialog.get_by_label("Single keys work on this computer").uncheck()
    board.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    board.keyboard.press("t")
    board.keyboard.press("Tab")

    assert board.get_attribute("html", "data-theme") is None


def test_keys_are_dead_while_somebody_types(board):
    board.focus("#stock-filter")
    board.keyboard.type("ft?")

    assert board.input_value("#stock-filter") == "ft?"
    assert board.locator("dialog[open], .banner").count() == 0


def test_digits_and_g_a_jump_to_cards(board):
    board.keyboard.press("6")
    board.wait_for_function("() => document.activeElement.dataset.card === 'orders/recent'")
    board.keyboard.press("g")
    board.keyboard.press("a")

    board.wait_for_function("() => document.activeElement.dataset.card === 'alerts'")


def test_nothing_moves_for_who_wants_it_so(new_page, site, operator, till):
    page = new_page(reduced_motion="reduce")
    operator.enter(page, site.url)
    page.wait_for_selector(LIVE)
    till.sell(till.product())
    shows(page, ORDERS, "1")

    row = page.locator("[data-card='orders/recent'] tbody tr")
    assert row.evaluate("row => getComputedStyle(row).animationName") == "none"


def test_numbers_are_spoken_to_who_asks_for_it_and_after_a_reload(page, site, operator, till):
    page.clock.install()
    open_board(page, operator, site.url)
    till.sell(till.product(price=31_000))
    till.alert("Payment provider is slow")
    page.locator("[data-card=alerts] li").wait_for()
    shows(page, ORDERS, "1")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    dialog.get_by_label("aloud").select_option("every minute")
    page.keyboard.press("Escape")
    page.clock.fast_forward("01:00")
    shows(page, "#say", "1 order, 31 thousand US dollars, 1 alert")

    page.reload()
    page.wait_for_selector(LIVE)
    page.clock.fast_forward("01:00")
    shows(page, "#say", "1 order, 31 thousand US dollars, 1 alert")
    page.keyboard.press("?")
    dialog.get_by_label("aloud").select_option("never")
    page.keyboard.press("Escape")
    page.clock.fast_forward("00:10")
    shows(page, "#say", "")
    page.clock.fast_forward("01:00")
    assert page.inner_text("#say") == ""


def test_nobody_is_spoken_to_unasked(page, site, operator):
    page.clock.install()
    open_board(page, operator, site.url)
    page.clock.fast_forward("05:00")

    assert page.inner_text("#say") == ""
