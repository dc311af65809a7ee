"""A dashboard that comes back gets what it missed and nothing twice, or is told that it cannot."""

import pytest

from tests.stream.readers import Checked

UNKNOWN = [
    "none",
    "null",
    "[]",
    "{}",
    "-",
    "1",
    "1-",
    "-1",
    "{epoch}",
    "{epoch}-",
    "{epoch}--1",
    "{epoch}-x",
    "{epoch}-1.5",
    "{epoch}-0x1",
    "{epoch}-١",
    "{epoch}- 1",
    "{epoch}-1,{epoch}-2",
    "{EPOCH}-1",
    "00000000-1",
    "{epoch}-" + "9" * 15,
    "{epoch}-" + "9" * 3000,
    "f" * 3000 + "-1",
    "-".join(["1"] * 255),
    ":" * 255,
    "%00",
    "../../etc/passwd",
]


@pytest.mark.parametrize("asked", UNKNOWN, ids=lambda value: value[:20])
def test_an_id_that_means_nothing_is_no_error_but_a_fresh_init(shop, site, asked):
    epoch = shop.last_id().partition("-")[0]
    asked = asked.replace("{epoch}", epoch).replace("{EPOCH}", "A" + epoch[1:].upper())
    with shop.connect(site, headers={"Last-Event-ID": asked.encode().decode("latin-1")}) as stream:
        assert stream.status == 200
        init = stream.next()
        assert (init.event, init.data["recovered"]) == ("init", False)
        assert init.id == shop.last_id()
        id = shop.publish("news", n=1)
        assert stream.until(lambda event: event.id == id).data["n"] == 1


def test_what_was_missed_follows_exactly_and_without_init(shop, site):
    with shop.connect(site) as stream:
        stream.until("init")
        seen = shop.publish("news", n=0)
        stream.until(lambda event: event.id == seen)
    missed = [shop.publish("news", n=number) for number in range(1, 6)]
    with shop.connect(site, last_event_id=seen) as stream:
        events = [stream.next() for _ in missed]
        assert [event.id for event in events] == missed
        assert [event.data["n"] for event in events] == [1, 2, 3, 4, 5]
        later = shop.publish("news", n=6)
        assert stream.until(lambda event: event.id).id == later


def test_nothing_missed_is_nothing_sent(shop, site):
    last = shop.publish("news", n=0)
    with shop.connect(site, last_event_id=last) as stream:
        assert stream.next().event == "heartbeat"


def test_the_id_may_come_in_the_query_as_a_page_that_reconnects_by_itself_has_no_header(shop, site):
    last = shop.publish("news", n=0)
    missed = shop.publish("news", n=1)
    with shop.connect(site, f"?lastEventId={last}") as stream:
        assert stream.next().id == missed


def test_another_worker_goes_on_where_one_stopped(shop, site, elsewhere):
    with shop.connect(site) as stream:
        stream.until("init")
        seen = shop.publish("news", n=0)
        stream.until(lambda event: event.id == seen)
    missed = [shop.publish("news", n=number) for number in range(1, 6)]
    with shop.connect(elsewhere, last_event_id=seen) as stream:
        assert [stream.next().id for _ in missed] == missed


def test_a_worker_that_has_just_started_goes_on_from_the_log(shop, own_site, way):
    last = shop.publish("news", n=0)
    missed = [shop.publish("news", n=number) for number in range(1, 4)]
    with shop.connect(own_site(STREAM_HANDOFF=way), last_event_id=last) as stream:
        events = [stream.until(lambda event: event.id) for _ in missed]
        assert [event.id for event in events] == missed


def test_a_filtered_stream_resumes_with_its_own_channels_only(shop, site, elsewhere):
    with shop.connect(site, channels="alerts") as stream:
        stream.until("init")
        first = shop.alert("one")
        event = stream.until("alerts")
        assert event.data["id"] == first
    shop.publish("news", n=1)
    second = shop.alert("two")
    shop.publish("news", n=2)
    with shop.connect(elsewhere, channels="alerts", last_event_id=event.id) as stream:
        assert stream.until(lambda event: event.id).data["id"] == second


@pytest.mark.parametrize("channels", [None, "revenue,alerts"])
def test_readers_cut_anywhere_lose_nothing_and_see_nothing_twice(shop, site, elsewhere, channels):
    """Each is cut at random bytes, half-way through frames too, and goes on at the other site."""
    readers = [
        Checked(shop, [site, elsewhere], seed=seed, cut_after=(1, 6_000), channels=channels)
        for seed in range(8)
    ]
    for reader in readers:
        reader.start()
    alerts = {shop.alert(f"alert {number}") for number in range(20)}
    sent = {shop.publish("revenue", filling="x" * (number % 97)) for number in range(1_000)}
    shop.wait_published()
    last = shop.publish("revenue", n="last")
    for reader in readers:
        reader.read_until(last)
    for reader in readers:
        assert reader.cuts > 10
        assert reader.inits == 1
        assert len(reader.ids) == len(set(reader.ids))
        assert sent <= set(reader.ids)
        assert alerts <= reader.alerts
        numbers = [int(id.partition("-")[2]) for id in reader.ids]
        assert numbers == sorted(numbers)
        if channels is None:
            assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_a_board_put_together_from_pieces_is_the_servers_own(shop, site, elsewhere):
    readers = [
        Checked(shop, [site, elsewhere], seed=seed, cut_after=(1, 20_000)) for seed in range(4)
    ]
    for reader in readers:
        reader.start()
    products = [shop.product(30, threshold=10) for _ in range(3)]
    for number in range(60):
        shop.order(products[number % 3], customer=f"Customer {number}")
    shop.wait_published()
    last = shop.publish("news", n="last")
    for reader in readers:
        reader.read_until(last)
        assert reader.inits == 1
        shown = shop.look(site)
        for name in ("ordersToday", "revenueToday", "recentOrders"):
            assert reader.board[name] == shown[name]
        for product in shown["lowStockAlerts"]:
            assert reader.board["products"].get(product["id"], product) == product
        assert {each["id"] for each in shown["alerts"]} >= reader.alerts
