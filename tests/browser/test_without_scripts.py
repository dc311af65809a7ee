"""The board where no script runs: the server's numbers, and forms instead of buttons."""

import pytest

from embedded.processes import wait
from tests.browser.steps import ORDERS, STOCK

PLAIN = "**/?plain=yes"
SAID = "#banners [role=status]"


@pytest.fixture
def plain(new_page, site, operator):
    """The board of an operator whose browser runs no script."""
    return _open(new_page, site, operator)


def _open(new_page, site, person):
    page = new_page(java_script_enabled=False)
    person.enter(page, site.url)
    page.wait_for_url(PLAIN)
    return page


@pytest.fixture
def shoe(till):
    """A product that runs low."""
    return _listed(till, till.product("Trail Shoe 42", 5))


def _listed(till, product):
    """Once the board shows it: this page does not follow by itself."""

    def shown():
        return [each["id"] for each in till.metrics()["lowStockAlerts"]]

    assert wait(lambda: product["id"] in shown(), seconds=5)
    return product


def _remaining(till, product):
    return next(each for each in till.products() if each["id"] == product["id"])["remaining"]


def test_it_shows_the_servers_numbers_and_of_when(till, shoe, plain):
    till.sell(shoe)
    assert wait(lambda: till.metrics()["ordersToday"] == 1, seconds=5)
    plain.reload()

    assert plain.inner_text(ORDERS) == "1"
    assert "Trail Shoe 42" in plain.inner_text(STOCK)
    assert plain.locator(".banner", has_text="Numbers as of").is_visible()
    assert plain.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_button_is_there_that_would_do_nothing(shoe, plain):
    visible = plain.locator("button:visible")
    assert visible.count() > 0
    assert all(button.evaluate("button => button.form !== null") for button in visible.all())


def test_pause_and_resume(till, shoe, plain):
    plain.get_by_role("button", name="Pause Trail Shoe 42").click()

    assert plain.inner_text(SAID) == "Trail Shoe 42 is paused."
    till.refused(shoe, 1)
    plain.get_by_role("button", name="Resume Trail Shoe 42").click()
    assert plain.inner_text(SAID) == "Trail Shoe 42 is on sale again."
    till.sell(shoe)
    plain.reload()
    assert plain.locator(SAID).count() == 0, "a message is said once"


def test_restock_by_enter(till, shoe, plain):
    plain.get_by_label("Units of Trail Shoe 42 to add").fill("3")
    plain.keyboard.press("Enter")

    assert plain.inner_text(SAID) == "3 units of Trail Shoe 42 added: 8 in stock."
    assert _remaining(till, shoe) == 8


def test_a_refused_restock_says_why(till, plain):
    full = _listed(till, till.product("Trail Shoe 43", 9_999_999, threshold=10_000_000))
    plain.reload()
    plain.get_by_label("Units of Trail Shoe 43 to add").fill("90000")
    plain.get_by_role("button", name="Restock Trail Shoe 43").click()

    assert "may not exceed" in plain.inner_text(SAID)
    assert _remaining(till, full) == 9_999_999


def test_a_viewer_has_no_forms(new_page, site, viewer, shoe):
    page = _open(new_page, site, viewer)

    assert "Trail Shoe 42" in page.inner_text(STOCK)
    assert page.locator(f"{STOCK} form").count() == 0


def test_where_scripts_run_the_live_board_stays(board):
    assert board.url.endswith("/")
    assert board.locator(f"{STOCK} form").count() == 0
