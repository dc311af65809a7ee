"""One stream for all tabs of a browser."""

from tests.browser.steps import LIVE, ORDERS, open_board, shows

TABS = 10


def another_tab(page):
    tab = page.context.new_page()
    tab.goto(page.url)
    tab.wait_for_selector(LIVE)
    return tab


def test_ten_tabs_share_one_stream(page, operator, wire, till):
    tabs = [open_board(page, operator, wire.url)]
    tabs += [another_tab(page) for _ in range(TABS - 1)]
    till.sell(till.product())

    for tab in tabs:
        shows(tab, ORDERS, "1")
    assert wire.streams == 1


def test_the_next_tab_takes_over_when_the_reader_closes(page, operator, wire, till):
    leader = open_board(page, operator, wire.url)
    followers = [another_tab(leader) for _ in range(2)]
    shoe = till.product()
    till.sell(shoe)
    shows(followers[0], ORDERS, "1")
    leader.close()
    till.sell(shoe)

    for tab in followers:
        shows(tab, ORDERS, "2")
    assert wire.streams == 2
    assert sorted(tab.evaluate("() => flashboard.tabs.leading") for tab in followers) == [
        False,
        True,
    ]


def test_a_tab_opened_later_shows_what_the_others_know(page, operator, wire, till):
    open_board(page, operator, wire.url)
    till.sell_many(till.product(), 5)
    shows(page, ORDERS, "5")

    shows(another_tab(page), ORDERS, "5")
    assert wire.streams == 1
