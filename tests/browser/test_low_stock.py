"""Low stock, the place to act."""

import re

from sqlalchemy import update

import extensions
from blueprints.auth.models import User
from tests.browser.steps import STOCK, open_board, row_of, shows

NAMES = f"[...document.querySelectorAll('{STOCK} [data-field=name]')].map(e => e.textContent)"


def test_states_are_said_in_words_and_the_lowest_comes_first(board, till):
    left = {"Nine": 9, "Two": 2, "None": 1, "Many": 50}
    made = {name: till.product(name, remaining) for name, remaining in left.items()}
    till.sell(made["None"])
    till.refused(made["None"], 4)

    board.wait_for_function(f"() => String({NAMES}) === 'Two,Nine,None'", timeout=15_000)
    words = {name: row_of(board, made[name]).inner_text() for name in ("Two", "Nine", "None")}
    assert "◆ Critical" in words["Two"]
    assert "▲ Low" in words["Nine"]
    assert "■ Sold out" in words["None"]
    shows(board, f"{STOCK} tr[data-state='sold-out'] [data-field=refused]", "4 units refused")
    meter = row_of(board, made["Two"]).get_by_role("meter", name="Stock of Two")
    assert meter.get_attribute("aria-valuetext") == "2 left, threshold 10, critical"


def test_well_stocked_says_so_and_names_the_nearest(board, till):
    till.product("Trail Shoe 42", 14)

    board.get_by_text("All products well stocked").wait_for()
    shows(board, f"{STOCK} [data-field=nearest]", "Nearest: Trail Shoe 42, 14 left.")
    board.reload()
    shows(board, f"{STOCK} [data-field=nearest]", "Nearest: Trail Shoe 42, 14 left.")


def test_pause_is_confirmed_by_the_stream_and_undone(board, till):
    shoe = till.product(remaining=5)
    row = row_of(board, shoe)
    row.get_by_role("button", name="Pause Trail Shoe 42").click()

    row.get_by_text("‖ Paused by").wait_for()
    assert re.search(r"Paused by olivia.* \d\d:\d\d", row.inner_text())
    toast = board.locator(".toast", has_text="Trail Shoe 42 is paused.")
    toast.get_by_role("button", name="Undo").click()
    row.get_by_text("▲ Low").wait_for()
    row.get_by_role("button", name="Pause Trail Shoe 42").wait_for()


def test_restock_says_the_sum_and_counts_once(board, till):
    shoe = till.product(remaining=5)
    row_of(board, shoe).get_by_role("button", name="Restock").click()
    dialog = board.get_by_role("dialog", name="Restock Trail Shoe 42")
    dialog.get_by_label("Units to add").fill("3")

    assert dialog.get_by_role("status").first.inner_text() == "5 + 3 = 8"
    board.keyboard.press("Enter")
    board.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    shows(board, f"{STOCK} [data-field=remaining]", "8")


def test_the_whole_sale_stops_after_one_question(board, till):
    shoes = [till.product(f"Shoe {size}", 50) for size in range(3)]
    board.get_by_role("button", name="Pause sale").click()
    question = board.get_by_role("alertdialog", name="Pause the whole sale?")
    question.get_by_text("all 3 products on sale").wait_for()
    assert board.evaluate("document.activeElement.textContent") == "Cancel"
    question.get_by_role("button", name="Pause all").click()

    bar = board.locator(".banner", has_text="Sale paused by olivia")
    bar.wait_for()
    till.refused(shoes[0], 1)
    bar.get_by_role("button", name="Resume the sale").click()
    bar.wait_for(state="detached")
    till.sell(shoes[0])


def test_a_page_out_of_date_says_so_and_is_loaded_anew(board, till, console_errors):
    shoe = till.product(remaining=5)
    row = row_of(board, shoe)
    row.wait_for()
    board.evaluate("document.querySelector('meta[name=csrf-token]').content = 'stale'")
    row.get_by_role("button", name="Pause Trail Shoe 42").click()

    row.get_by_text("This page is out of date.").wait_for()
    assert row.get_by_role("button", name="Pause Trail Shoe 42").is_enabled()
    board.get_by_role("button", name="Reload").click()
    board.locator(".banner").wait_for(state="detached")
    row.get_by_role("button", name="Pause Trail Shoe 42").click()
    row.get_by_text("‖ Paused by").wait_for()
    console_errors.clear()  # The browser notes the 403 itself.


def test_a_role_that_was_taken_away_is_said_in_the_row(board, till, app, console_errors):
    shoe = till.product(remaining=5)
    row = row_of(board, shoe)
    row.wait_for()
    with app.app_context():
        extensions.db.session.execute(update(User).values(role="viewer"))
        extensions.db.session.commit()
    row.get_by_role("button", name="Pause Trail Shoe 42").click()

    row.get_by_text("This takes the role operator; yours is viewer.").wait_for()
    assert board.locator(".banner").count() == 0
    console_errors.clear()  # The browser notes the 403 itself.


def test_who_was_signed_out_is_led_to_sign_in(board, till, console_errors):
    shoe = till.product(remaining=5)
    row = row_of(board, shoe)
    row.wait_for()
    board.context.clear_cookies()
    row.get_by_role("button", name="Pause Trail Shoe 42").click()

    row.get_by_text("You are signed out.").wait_for()
    board.locator(".banner").get_by_role("button", name="Sign in").click()
    board.wait_for_url("**/login?next=**")
    console_errors.clear()  # The browser notes the 401 itself.


def test_no_row_moves_under_the_focus(board, till):
    first, second = till.product("First", 4), till.product("Second", 8)
    row_of(board, second).wait_for()
    button = row_of(board, first).get_by_role("button", name="Restock")
    button.focus()
    till.sell(second, 7)

    shows(board, f"{STOCK} tr[data-id='{second['id']}'] [data-field=remaining]", "1")
    assert board.evaluate(NAMES) == ["First", "Second"]
    assert button.evaluate("button => button === document.activeElement")


def test_a_viewer_has_no_buttons_and_no_right(page, site, viewer, till):
    shoe = till.product(remaining=5)
    open_board(page, viewer, site.url)
    row_of(page, shoe).wait_for()

    assert page.locator("[data-act]").count() == 0
    assert site.post(f"/api/products/{shoe['id']}/pause", headers=viewer.headers).status == 403


def test_the_filter_finds_what_is_not_low(board, till):
    till.product("Trail Shoe", 4)
    till.product("Enamel Mug", 6)
    board.locator(f"{STOCK} tbody tr").nth(1).wait_for()
    board.keyboard.press("/")
    board.keyboard.type("mug")

    board.wait_for_function(f"() => String({NAMES}) === 'Enamel Mug'")


def test_any_product_can_be_found_and_paused(board, till):
    plenty = till.product("Enamel Mug", 500)
    board.focus("#stock-filter")
    board.keyboard.type("mug")
    row = row_of(board, plenty)
    row.get_by_role("button", name="Pause Enamel Mug").click()

    row.get_by_text("‖ Paused by olivia").wait_for()
    for number in range(5):
        till.product(f"Nearer {number}", 20)
    board.reload()
    row.get_by_text("‖ Paused by olivia").wait_for()
    assert board.locator(f"{STOCK} tbody tr").count() == 1
