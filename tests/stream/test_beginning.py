"""How a stream begins: its head, `retry`, `init`; and what is refused before it begins."""

import json

import pytest

from tests.stream.shop import HEARTBEAT_SECONDS

INIT_MEMBERS = {
    "recovered",
    "build",
    "day",
    "timezone",
    "currency",
    "ordersToday",
    "revenueToday",
    "ordersRefusedToday",
    "activeUsers",
    "visitorsToday",
    "recentOrders",
    "lowStockAlerts",
    "alerts",
    "compare",
    "series",
    "live",
}


def test_the_head_tells_caches_and_proxies_to_keep_out(shop, site):
    with shop.connect(site) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["cache-control"] == "no-cache, no-transform"
        assert stream.headers["x-accel-buffering"] == "no"
        assert "content-length" not in stream.headers
        assert "content-encoding" not in stream.headers
        assert stream.headers["x-content-type-options"] == "nosniff"
        assert stream.headers["x-request-id"]


def test_the_first_thing_is_retry_about_a_second_and_not_the_same_for_all(shop, site):
    waits = []
    for _ in range(12):
        with shop.connect(site) as stream:
            assert stream.next().event == "init"
            waits.append(stream.retry)
    assert all(500 <= wait <= 1500 for wait in waits)
    assert len(set(waits)) > 3


def test_a_first_connection_gets_init_with_every_member(shop, site):
    with shop.connect(site) as stream:
        init = stream.next()
    assert init.event == "init"
    assert set(init.data) == INIT_MEMBERS
    assert init.data["recovered"] is True
    assert init.data["live"] is True
    assert init.data["build"] == "b1"
    assert init.id == stream.last_event_id


def test_polling_gets_the_same_object(shop, site):
    with shop.connect(site) as stream:
        init = stream.next().data
    assert shop.look(site) == init


def test_both_ways_show_the_same(shop):
    shop.order(shop.product(5))
    shop.wait_published()
    newest = shop.publish("news", n=1)
    seen = []
    for site in (shop.fast, shop.plain):
        # Two workers have an event at moments of their own: compared when both have the newest.
        with shop.connect(site) as stream:
            stream.until(lambda event: event.id == newest)
        with shop.connect(site) as stream:
            seen.append(stream.next())
    assert seen[0].id == seen[1].id
    minute = {"compare", "series"}
    assert _without(seen[0].data, minute) == _without(seen[1].data, minute)


def test_head_answers_the_head_and_holds_nothing(shop, site):
    answer = site.request("HEAD", "/api/stream/metrics", token=shop.token)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    with shop.connect(site) as stream:
        assert stream.next().event == "init"


def test_nobody_is_told_to_sign_in_and_not_redirected(shop, site):
    for options in ({"token": None}, {"token": "wrong"}):
        stream = shop.connect(site, **options)
        assert stream.status == 401
        assert stream.headers["content-type"] == "application/problem+json"
        assert json.loads(stream.body())["status"] == 401
        stream.close()


def test_a_token_without_the_scope_is_refused(shop, site, narrow_token):
    stream = shop.connect(site, token=narrow_token)
    assert stream.status == 403
    assert "stream:read" in json.loads(stream.body())["detail"]
    stream.close()


@pytest.mark.parametrize("asked", ["weather", "orders,weather", "orders,", "ORDERS", "message"])
def test_an_unknown_channel_is_an_error_that_names_the_known(shop, site, asked):
    stream = shop.connect(site, channels=asked)
    assert stream.status == 400
    assert "alerts" in json.loads(stream.body())["detail"]
    stream.close()


def test_an_empty_last_event_id_is_a_first_connection(shop, site):
    with shop.connect(site, "?lastEventId=") as stream:
        assert stream.next().data["recovered"] is True


def test_heartbeats_come_in_silence_and_name_the_last_event(shop, site):
    last = shop.publish("news", n=1)
    with shop.connect(site) as stream:
        first = stream.until("heartbeat", timeout=HEARTBEAT_SECONDS * 5)
        assert first.id is None
        assert set(first.data) == {"now", "lastEventId", "build"}
        assert first.data["build"] == "b1"
        assert first.data["lastEventId"] == last == stream.last_event_id
        assert stream.until("heartbeat").data["now"] > first.data["now"]


def _without(data, names):
    return {name: value for name, value in data.items() if name not in names}
