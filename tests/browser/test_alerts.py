"""Alerts: told once, shared by all boards, and never lost."""

from tests.browser.steps import ALERTS, LIVE, open_board

OPEN = f"{ALERTS} [data-part=open] li"
DONE = f"{ALERTS} [data-part=acknowledged] li"


def test_a_new_one_is_toasted_and_listed(board, till):
    till.alert("Payment provider is slow")

    board.locator(".toast", has_text="Payment provider is slow").wait_for()
    board.locator(OPEN, has_text="Warning Payment provider is slow").wait_for()


def test_a_critical_one_is_spoken_and_stays(board, till):
    board.evaluate(
        """() => new MutationObserver(() => document.body.dataset.heard ??=
            document.getElementById('shout').textContent || undefined)
            .observe(document.getElementById('shout'), {childList: true})"""
    )
    till.alert("Checkout is down", "critical")

    board.wait_for_function("() => document.body.dataset.heard === 'Checkout is down'")
    assert board.locator(".toast[data-tone=critical]").count() == 1


def test_acknowledged_on_one_board_it_is_on_all(board, new_page, site, viewer, till):
    other = open_board(new_page(), viewer, site.url)
    till.alert("Payment provider is slow", "critical")
    toast = other.locator(".toast", has_text="Payment provider is slow")
    toast.wait_for()
    board.locator(OPEN).get_by_role("button", name="Acknowledge").click()

    other.locator(DONE, has_text="olivia").wait_for(state="attached")
    toast.wait_for(state="detached")
    assert other.locator(OPEN).count() == 0
    board.locator(f"{ALERTS} summary").click()
    board.locator(DONE).get_by_role("button", name="Un-acknowledge").click()
    other.locator(OPEN, has_text="Payment provider is slow").wait_for()


def test_two_tabs_tell_it_once(board, till):
    other = board.context.new_page()
    other.goto(board.url)
    other.wait_for_selector(LIVE)
    till.alert("Payment provider is slow")
    for page in (board, other):
        page.locator(OPEN).wait_for()

    board.wait_for_function("() => localStorage.getItem('flashboard announced')")
    board.wait_for_timeout(500)  # For the toast that must not come.
    assert sum(page.locator(".toast").count() for page in (board, other)) == 1


def test_a_reload_tells_nothing_again(board, till):
    till.alert("Payment provider is slow")
    board.locator(".toast").wait_for()
    board.reload()
    board.wait_for_selector(LIVE)
    till.alert("Another one")

    board.locator(".toast", has_text="Another one").wait_for()
    assert board.locator(".toast").count() == 1


def test_a_burst_is_told_in_one_line(board, till):
    board.evaluate(
        """() => { for (let id = 1; id <= 9; id++) flashboard.board.apply('alerts', {
            id: `b${id}`, severity: 'warning', message: `Alert ${id}`, acknowledged: false,
            createdAt: new Date().toISOString()}) }"""
    )

    board.locator(".toast", has_text="9 new alerts").wait_for()
    assert board.locator(".toast").count() == 1


def test_escalation_changes_the_row_in_place(board, till):
    shoe = till.product("Enamel Mug", 12)
    till.sell(shoe, 4)
    row = board.locator(OPEN)
    row.get_by_text("Warning").wait_for()
    first = row.get_attribute("data-id")
    till.sell(shoe, 8)
    row.get_by_text("Critical").wait_for()

    assert [row.get_attribute("data-id"), row.count()] == [first, 1]
    till.act(f"/api/products/{shoe['id']}/restock", quantity=50)
    board.get_by_text("Nothing needs you.").wait_for()


def test_title_and_icon_count_them(board, till):
    till.sell(till.product())
    till.alert("Payment provider is slow")

    board.wait_for_function("() => document.title.startsWith('(1) 1 orders · ')")
    assert board.get_attribute("#favicon", "href").endswith("favicon-alert.svg")


def test_notifications_are_asked_for_by_the_bell_alone(board):
    board.evaluate("() => { Notification.requestPermission = async () => 'denied' }")

    assert board.get_attribute("#bell", "aria-pressed") == "false"
    assert board.evaluate("() => Notification.permission") != "granted"


def test_sound_is_off_until_pressed(board):
    assert board.get_attribute("#sound", "aria-pressed") == "false"
    board.keyboard.press("m")
    board.wait_for_selector("#sound[aria-pressed=true]")
    board.reload()
    board.locator(".toast", has_text="Tap to enable sound").wait_for()
    assert board.get_attribute("#sound", "aria-pressed") == "false"
