"""axe finds nothing to mend, on any page and in any state."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from blueprints.auth import service
from tests.browser.steps import LIVE, open_board, row_of

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def no_violations(page):
    # Axe's script is put in as a script tag; the page's own policy would rightly refuse it.
    page.wait_for_timeout(1000)  # A colour in the middle of its flash is no contrast.
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def full_shop(till):
    """Every kind of row."""
    shoe = till.product(remaining=5)
    gone = till.product("Enamel Mug", 1)
    paused = till.product("Beanie", 8)
    till.sell(gone)
    till.refused(gone, 2)
    till.act(f"/api/products/{paused['id']}/pause")
    cancelled = till.sell(till.product("Tote", 50))
    till.act(f"/api/orders/{cancelled['id']}/cancel")
    seen = till.alert("Seen to")
    till.alert("Checkout is down", "critical")
    return {"shoe": shoe, "seen": seen}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board(new_page, site, operator, full_shop, scheme):
    page = open_board(new_page(bypass_csp=True, color_scheme=scheme), operator, site.url)
    row_of(page, full_shop["shoe"]).wait_for()
    page.click("[data-card='orders/chart'] summary")

    no_violations(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_stale(new_page, wire, operator, full_shop, scheme, console_errors):
    page = new_page(bypass_csp=True, color_scheme=scheme)
    page.clock.install()
    open_board(page, operator, wire.url)
    wire.cut()
    page.wait_for_selector("#link[data-state='reconnecting']")
    page.clock.run_for(11_000)
    page.wait_for_selector("body.is-stale")

    no_violations(page)
    page.close()  # It goes on trying, and the browser notes each refused connection.
    console_errors.clear()


def test_dialogs(new_page, site, operator, full_shop):
    page = open_board(new_page(bypass_csp=True), operator, site.url)
    row = row_of(page, full_shop["shoe"])
    row.get_by_role("button", name="Restock").click()
    page.get_by_role("dialog").wait_for()
    no_violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()

    no_violations(page)


def test_a_phone_and_an_empty_shop(new_page, site, viewer):
    page = open_board(
        new_page(bypass_csp=True, viewport={"width": 320, "height": 640}), viewer, site.url
    )

    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    no_violations(page)


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_cuts_nothing_off(new_page, site, operator, full_shop, till, width):
    till.sell(full_shop["shoe"], customer="Wilhelmina van den Bergh")
    till.sell(till.product("A Very Warm Jacket", 9_000, price=19_999.5), 500)
    page = new_page(viewport={"width": width, "height": 844})
    open_board(page, operator, site.url)
    page.locator("[data-card='orders/recent'] tbody tr[data-id]").nth(3).wait_for()

    clipped = page.evaluate(
        """() => [...document.querySelectorAll("tbody :is(td, td *)")].filter(element => {
            const {left, right} = element.getBoundingClientRect();
            const card = element.closest(".card").getBoundingClientRect();
            const inline = getComputedStyle(element).display === "inline";
            return left < card.left || right > card.right
                || (!inline && element.scrollWidth > element.clientWidth);
        }).map(element => element.outerHTML)"""
    )
    assert clipped == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["/login", "/nowhere"])
def test_pages_that_stand_alone(new_page, site, path, console_errors):
    page = new_page(bypass_csp=True)
    page.goto(site.url + path)

    no_violations(page)
    console_errors.clear()  # The browser notes the 404.


def test_a_display(new_page, site, app, full_shop):
    with app.app_context():
        secret = service.create_display("wall")
    page = new_page(bypass_csp=True)
    page.goto(f"{site.url}/display/{secret}?theme=dark")
    page.wait_for_selector(LIVE)

    no_violations(page)
