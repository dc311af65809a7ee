"""The newest orders: readable in a rush, still under the pointer, whoever the customers are."""

from tests.browser.steps import RECENT, shows

NUMBERS = f'[...document.querySelectorAll("{RECENT} [data-field=number]")].map(e => e.textContent)'
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'; DROP TABLE orders; --",
    "{{ 7 * 7 }} ${7 * 7}",
    "مريم \u202eevil",
    "Ludwig van Beethoven the Third of a Name that Never Comes to an End " * 3,
)


def test_the_newest_is_on_top_and_ten_are_kept(board, till):
    shoe = till.product()
    ids = [till.sell(shoe)["id"] for _ in range(12)]

    newest = [number[-8:] for number in reversed(ids)][:10]
    board.wait_for_function(f"(newest) => String({NUMBERS}) === String(newest)", arg=newest)


def test_hostile_names_are_only_text(board, till, console_errors):
    board.on("dialog", lambda dialog: console_errors.append(dialog.message))
    shoe = till.product(name=HOSTILE[0], remaining=9)
    for name in HOSTILE:
        till.sell(shoe, customer=name[:200].strip())
        shows(board, f"{RECENT} tbody tr:first-child [data-field=customer]", name[:200].strip())
    board.reload()

    assert board.locator("main script, main img").count() == 0
    assert board.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_moves_under_the_pointer(board, till):
    shoe = till.product()
    first = till.sell(shoe)["id"]
    board.hover(f"{RECENT} tr[data-id='{first}']")
    for _ in range(3):
        till.sell(shoe)

    held = board.locator(f"{RECENT} [data-part=held]")
    held.get_by_text("Show 3 changes").wait_for()
    assert board.locator(f"{RECENT} tbody tr").count() == 1
    board.hover("h1")
    board.wait_for_function(f"() => ({NUMBERS}).length === 4")
    assert held.is_hidden()


def test_a_rush_is_counted_not_scrolled(board, till):
    shoe = till.product(remaining=1000)
    till.sell(shoe)
    board.locator(f"{RECENT} tbody tr").wait_for()
    board.wait_for_timeout(300)  # The list is painted four times a second.
    orders = "{type: 'new_order', count: 47, orders: [], ordersToday: 48}"
    board.evaluate(f"flashboard.board.apply('orders', {orders})")

    shows(board, f"{RECENT} [data-part=more]", "+37 more")


def test_a_press_opens_the_lines_and_an_operator_cancels(board, till):
    order = till.sell(till.product(name="Enamel Mug"), 3)
    board.click(f"{RECENT} tr[data-id='{order['id']}'] button")

    dialog = board.get_by_role("dialog", name=f"Order #{order['id']}")
    dialog.get_by_text("Enamel Mug").wait_for()
    assert dialog.get_by_role("row").nth(1).inner_text().split("\t") == [
        "Enamel Mug",
        "3",
        "$12.50",
        "$37.50",
    ]
    dialog.get_by_role("button", name="Cancel order").click()
    dialog.wait_for(state="hidden")
    shows(board, f"{RECENT} tbody [data-field=status]", "Cancelled")
    assert board.evaluate("document.activeElement.closest('tr')?.dataset.id") == order["id"]


def test_a_shop_without_orders_says_how_to_begin(board):
    shows(board, f"{RECENT} [data-field=none]", "Nothing sold yet.")
    board.reload()
    board.click(f"{RECENT} summary")
    assert "curl -X POST" in board.inner_text(f"{RECENT} pre")
