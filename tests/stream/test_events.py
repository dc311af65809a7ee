"""What a dashboard is told of each thing that happens, and what it is not."""

import json

import pytest


def test_an_order_is_an_event_with_absolute_values(shop, site):
    product = shop.product(50)
    with shop.connect(site) as stream:
        before = stream.until("init").data
        order = shop.order(product, 2)
        event = stream.until("orders")
    assert event.data["type"] == "new_order"
    assert event.data["order"]["id"] == order
    assert event.data["orders"][0]["id"] == order
    assert event.data["order"]["items"] == 2
    assert event.data["count"] == 1
    assert event.data["ordersToday"] == before["ordersToday"] + 1
    assert event.data["revenueToday"] == before["revenueToday"] + 20
    assert event.data["timestamp"] > 1_600_000_000_000


def test_a_cancelled_order_is_an_event_and_a_refund(shop, site):
    order = shop.order(shop.product(50), 3)
    shop.wait_published()
    with shop.connect(site) as stream:
        stream.until(lambda event: event.data.get("lastEventId") == shop.last_id())
        before = shop.look(site)["revenueToday"]
        assert shop.call(f"/api/orders/{order}/cancel", {}).status == 200
        cancelled, refund = both(stream, is_a("order_cancelled"), is_a("refund"))
    assert cancelled.data["order"]["id"] == order
    assert refund.data["amount"] == -30
    assert cancelled.data["revenueToday"] == refund.data["revenueToday"] == before - 30


def test_stock_that_runs_low_and_out_is_told_with_the_product_and_an_alert(shop, site):
    product = shop.product(4, threshold=3)
    with shop.connect(site) as stream:
        stream.until("init")
        shop.order(product, 2)
        low, raised = both(stream, is_a("low_stock"), lambda event: event.event == "alerts")
        shop.order(product, 2)
        out = stream.until(is_a("sold_out")).data
    assert low.data["product"]["id"] == raised.data["product"]["id"] == product
    assert low.data["product"]["remaining"] == 2
    assert [each["id"] for each in low.data["products"]] == [product]
    assert out["product"]["remaining"] == 0


def test_an_alert_is_told_when_raised_and_when_it_changes(shop, site):
    product = shop.product(4, threshold=3)
    with shop.connect(site, channels="alerts") as stream:
        stream.until("init")
        shop.order(product, 2)
        raised = stream.until("alerts").data
        assert shop.call(f"/api/products/{product}/restock", {"quantity": 9}).status == 200
        changed = stream.until("alerts").data
    assert (raised["id"], raised["resolvedAt"]) == (changed["id"], None)
    assert changed["resolvedAt"]


def test_ids_grow_by_one_and_are_the_same_on_every_worker(shop):
    with shop.connect(shop.fast) as one, shop.connect(shop.plain) as other:
        start = max(stream.until("init").id for stream in (one, other))
        sent = [shop.publish("news", n=number) for number in range(20)]
        seen = [numbered(stream, sent[-1]) for stream in (one, other)]
    epoch, _, seq = start.partition("-")
    last = int(sent[-1].partition("-")[2])
    expected = [f"{epoch}-{number}" for number in range(int(seq) + 1, last + 1)]
    for events in seen:
        assert [event.id for event in events][-len(expected) :] == expected
        assert [event.id for event in events if event.event == "news"] == sent


def test_only_the_channels_asked_for_are_sent(shop, site):
    with shop.connect(site, channels="alerts,revenue") as stream:
        assert stream.until("init").data["live"] is True
        shop.publish("news", n=1)
        shop.order(shop.product(50))
        alert = shop.alert("only this")
        event = stream.until(lambda event: event.event not in ("heartbeat", "status"))
    assert (event.event, event.data["id"]) == ("alerts", alert)


@pytest.mark.parametrize("asked", ["orders", "orders,clock"])
def test_a_filtered_stream_still_tells_that_it_lives(shop, site, asked):
    with shop.connect(site, channels=asked) as stream:
        stream.until("init")
        assert stream.until("heartbeat").data["lastEventId"]


def test_a_display_sees_initials_in_init_in_events_and_in_what_it_missed(shop, site):
    product = shop.product(50)
    shop.order(product, customer="Grace Hopper")
    display = shop.new_display(site)
    with shop.connect(site, token=None, headers=display) as stream:
        init = stream.until("init")
        shop.order(product, customer="Katherine Johnson")
        event = stream.until("orders")
    shop.order(product, customer="Dorothy Vaughan")
    shop.publish("news", n=1)
    with shop.connect(site, token=None, headers=display, last_event_id=event.id) as stream:
        missed = stream.until("orders")
    assert init.data["recentOrders"][0]["customer"] == "G. H."
    assert event.data["order"]["customer"] == event.data["orders"][0]["customer"] == "K. J."
    assert missed.data["order"]["customer"] == "D. V."
    polled = site.get("/api/metrics", headers=display).json
    for seen in (init.data, event.data, missed.data, polled):
        text = json.dumps(seen)
        assert not [name for name in ("Hopper", "Johnson", "Vaughan", "Lovelace") if name in text]


def is_a(kind):
    return lambda event: isinstance(event.data, dict) and event.data.get("type") == kind


def both(stream, one, other):
    """The first event of each kind, in whatever order they come."""
    first = stream.until(lambda event: one(event) or other(event))
    second = stream.until(other if one(first) else one)
    return (first, second) if one(first) else (second, first)


def numbered(stream, last):
    """The events with an id, up to the one whose id is `last`."""
    events = [stream.until(lambda event: event.id)]
    while events[-1].id != last:
        events.append(stream.until(lambda event: event.id))
    return events
