"""Redis away, frozen or deaf: dashboards are told, and when it is back they are right again."""

import pytest

from embedded.processes import wait
from tests.sse import Event

pytestmark = pytest.mark.faults
NOTICED_SECONDS = 25


def status(live):
    return lambda event: event.event == "status" and event.data["live"] is live


def live_again(event):
    """By a status, or by the `init` of a board that had to be rebuilt."""
    return event.event in ("status", "init") and event.data["live"]


def test_redis_killed_is_told_and_so_is_its_return_with_all_orders_taken_meanwhile(shop, site):
    product = shop.product(100)
    with shop.connect(site) as stream:
        before = stream.until("init").data["ordersToday"]
        shop.redis.save()
        shop.servers.redis.kill9()
        try:
            down = stream.until(status(False), timeout=NOTICED_SECONDS)
            assert down.id is None
            assert down.data["reason"]
            with shop.connect(site) as late:
                assert late.until("init").data["live"] is False
            shop.order(product)
            shop.order(product)
        finally:
            shop.servers.redis.start()
        stream.until(live_again, timeout=NOTICED_SECONDS)
        assert wait(lambda: shop.look(site)["ordersToday"] == before + 2, seconds=NOTICED_SECONDS)
        id = shop.publish("news", n=1)
        stream.until(lambda event: event.id == id)
    assert shop.look(site)["live"] is True


def test_a_frozen_redis_is_noticed_though_its_connections_stay_open(shop, site):
    # The other way's turn froze it a moment ago, and this site may still be on its way back.
    assert wait(lambda: shop.look(site)["live"], seconds=NOTICED_SECONDS)
    with shop.connect(site) as stream:
        stream.until("init")
        shop.servers.redis.sigstop()
        try:
            stream.until(status(False), timeout=NOTICED_SECONDS)
        finally:
            shop.servers.redis.sigcont()
        stream.until(status(True), timeout=NOTICED_SECONDS)
        id = shop.publish("news", n=1)
        assert stream.until(lambda event: event.id == id)


def test_a_subscription_cut_off_by_redis_loses_nothing_and_costs_no_init(shop, site):
    with shop.connect(site) as stream:
        stream.until("init")
        sent = []
        for number in range(60):
            if number % 20 == 10:
                shop.redis.client_kill_filter(_type="pubsub")
            sent.append(shop.publish("news", n=number))
        seen: list[Event] = []
        while not seen or seen[-1].id != sent[-1]:
            seen.append(stream.until(lambda event: event.event in ("news", "init")))
    # Before them may come what another test published last.
    assert [event.id for event in seen[-60:]] == sent
    assert "init" not in {event.event for event in seen}


def test_a_site_that_starts_without_redis_answers_and_is_live_once_it_is_there(shop, own_site, way):
    shop.redis.save()
    shop.servers.redis.kill9()
    try:
        site = own_site(STREAM_HANDOFF=way)
        assert site.get("/healthz").status == 200
        refused = shop.connect(site)
        assert refused.status == 503
        assert int(refused.headers["retry-after"]) > 0
        refused.close()
    finally:
        shop.servers.redis.start()
    assert wait(lambda: site.get("/api/metrics", token=shop.token).status == 200, seconds=20)
    with shop.connect(site) as stream:
        assert stream.until("init").data["live"] is True
