"""The screen on the wall: all by its URL."""

import pytest

import shop as shop_rules
from blueprints.auth import service
from tests.browser.steps import LIVE, ORDERS, RECENT, shows

BODY = "document.documentElement"
NO_SCROLL = f"() => {BODY}.scrollHeight <= innerHeight && {BODY}.scrollWidth <= innerWidth"


@pytest.fixture
def wall(app):
    """The path of a display's link."""
    with app.app_context():
        return f"/display/{service.create_display('wall')}"


def opened(page, site, path):
    page.goto(site.url + path)
    page.wait_for_selector(LIVE)
    return page


def test_it_is_signed_in_by_its_link_alone_and_hides_it(page, site, wall, till):
    opened(page, site, f"{wall}?theme=dark")

    assert page.url == f"{site.url}/display?theme=dark&display=1"
    assert page.get_attribute("html", "data-theme") == "dark"
    till.sell(till.product(), customer="Ada Lovelace")
    shows(page, ORDERS, "1")
    shows(page, f"{RECENT} [data-field=customer]", "A. L.")
    assert page.locator("button:visible:not(tbody button), a:visible, input:visible").count() == 0


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (3840, 2160), (1280, 720)])
def test_everything_fits_without_scrolling(new_page, site, wall, till, size):
    page = new_page(viewport={"width": size[0], "height": size[1]})
    for number in range(15):
        till.product(f"Product {number}", 5)
    opened(page, site, wall)
    page.locator("[data-card=inventory] tbody tr").nth(5).wait_for()

    assert page.evaluate(NO_SCROLL)
    size_of_value = page.evaluate(
        f'() => parseFloat(getComputedStyle(document.querySelector("{ORDERS}")).fontSize)'
    )
    assert size_of_value >= 0.04 * min(size), "a screen on its side is looked at from as far"


@pytest.mark.parametrize("hidden", ["", "&hide=active"])
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (3840, 2160)])
def test_a_value_of_twelve_characters_fits_its_card(new_page, site, wall, size, hidden):
    page = new_page(viewport={"width": size[0], "height": size[1]}, locale="en-US")
    opened(page, site, f"{wall}?theme=dark{hidden}")
    for text in ("¥123,456,789", "€11,185.70"):
        too_wide = page.evaluate(
            """text => [...document.querySelectorAll(".value")].filter(value => {
                value.textContent = text;
                return value.scrollWidth > value.clientWidth;
            }).length""",
            text,
        )
        assert too_wide == 0


def test_it_keeps_as_many_orders_as_it_saw_and_has_room_for(new_page, site, wall, till):
    page = new_page(viewport={"width": 1080, "height": 1920})
    opened(page, site, f"{wall}?cards=orders,recent")
    shoe = till.product()
    for sold in (10, 20, 30):  # A frame brings the ten newest.
        till.sell_many(shoe, 10)
        shows(page, ORDERS, str(sold))

    rows = page.locator(f"{RECENT} tbody tr")
    rows.nth(24).wait_for(state="attached")
    assert rows.count() == 25
    page.wait_for_function(NO_SCROLL)
    page.wait_for_timeout(1200)  # Each second, rows that do not fit are left out.
    last = rows.nth(
        rows.evaluate_all(
            "all => all.findLastIndex(row => row.checkVisibility({visibilityProperty: true}))"
        )
    )
    assert last.evaluate("row => row.getBoundingClientRect().bottom <= innerHeight")


def test_cards_and_money_are_chosen_by_the_url(page, site, wall, till):
    till.sell(till.product())
    opened(page, site, f"{wall}?cards=orders,revenue,recent&hide=revenue,customers")

    cards = page.locator("[data-card]").evaluate_all("all => all.map(card => card.dataset.card)")
    assert cards == ["orders/today", "orders/recent"]
    assert page.locator(f"{RECENT} .total").is_hidden()


def test_it_goes_black_when_its_link_is_revoked(page, site, app, wall, console_errors):
    opened(page, site, wall)
    with app.app_context():
        service.revoke_display("wall", shop_rules.now())

    page.get_by_text("This display was switched off").wait_for(timeout=25_000)
    assert page.locator("[data-card]:visible").count() == 0
    console_errors.clear()  # The browser notes the 401.


def test_it_reloads_itself_for_a_new_build(page, site, wall):
    page.add_init_script("Math.random = () => 0.01")  # Spread over a minute otherwise.
    opened(page, site, wall)
    page.evaluate("() => { document.body.dataset.old = 'yes' }")
    page.evaluate("() => flashboard.board.apply('heartbeat', {now: Date.now(), build: 'newer'})")

    page.wait_for_function("() => !document.body.dataset.old")
    page.wait_for_selector(LIVE)


def test_the_pointer_leaves_after_a_moment(page, site, wall):
    opened(page, site, wall)
    page.mouse.move(200, 200)

    page.wait_for_selector("body.no-pointer")
