"""Orders per minute: bars, a closer look by keys and as a table, and marks for what happened."""

from tests.browser.steps import LIVE, ORDERS, shows

CHART = "[data-card='orders/chart']"
THREE_IN_ALL = """chart => 3 === [...document.querySelectorAll(`${chart} tbody td:nth-child(2)`)]
    .reduce((sum, cell) => sum + Number(cell.textContent), 0)"""
MARKS = f"{CHART} [data-part=marks] li"


def newest(board):
    """What the first rows of the table say happened."""
    return " ".join(board.locator(f"{CHART} tbody tr td:last-child").all_inner_texts()[:3])


def test_it_is_read_by_keys_and_as_a_table(board, till):
    till.sell_many(till.product(), 3)
    shows(board, ORDERS, "3")
    board.focus(f"{CHART} svg")
    board.keyboard.press("ArrowRight")
    board.wait_for_selector(f"{CHART} [data-part=tip]:not(:empty)")
    board.click(f"{CHART} summary")
    board.locator(f"{CHART} tbody tr").nth(59).wait_for()

    board.wait_for_function(THREE_IN_ALL, arg=CHART)


def test_it_has_the_orders_of_the_moment_before_it_was_opened(board, till):
    till.sell_many(till.product(), 3)
    shows(board, ORDERS, "3")
    board.reload()
    board.click(f"{CHART} summary")

    board.wait_for_function(THREE_IN_ALL, arg=CHART)


def test_pauses_restocks_and_alerts_are_marked_in_shape_and_word(board, till):
    shoe, mug = till.product("Trail Shoe 42", 50), till.product("Enamel Mug", 50)
    till.act(f"/api/products/{shoe['id']}/pause")
    till.act(f"/api/products/{shoe['id']}/resume")
    till.act(f"/api/products/{mug['id']}/restock", quantity=5)
    till.alert("Checkout is down", "critical")
    board.click(f"{CHART} summary")
    for tone, glyph in (("paused", "‖"), ("restocked", "+"), ("critical", "◆")):
        board.locator(f"{MARKS}[data-tone={tone}]", has_text=glyph).first.wait_for()

    said = newest(board)
    assert "‖ Trail Shoe 42 paused" in said
    assert "+ Enamel Mug restocked" in said
    assert "◆ Checkout is down" in said
    board.focus(f"{CHART} svg")
    board.keyboard.press("ArrowRight")
    board.locator(f"{CHART} [data-part=tip]", has_text="Checkout is down").wait_for()


def test_what_stands_is_marked_when_the_page_is_opened(board, till):
    shoe = till.product(remaining=5)
    till.act(f"/api/products/{shoe['id']}/pause")
    board.reload()
    board.wait_for_selector(LIVE)

    board.locator(f"{MARKS}[data-tone=paused]").wait_for()
    board.locator(f"{MARKS}[data-tone=warning]").wait_for()


def test_many_of_a_kind_in_a_minute_are_one_mark(board, till):
    for number in range(5):
        till.product(f"Product {number}", 5)
    board.click(f"{CHART} summary")
    board.wait_for_function(
        """chart => [...document.querySelectorAll(`${chart} tbody td:last-child`)]
            .some(({textContent}) => textContent.endsWith("is low: 5 left and 2 more"))""",
        arg=CHART,
    )

    assert board.locator(f"{MARKS}[data-tone=warning]").count() <= 2
