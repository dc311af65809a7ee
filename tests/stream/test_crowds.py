"""A thousand dashboards: dropped at once, come and gone, and some of them stuck."""

import time

import psutil
import pytest

from blueprints.stream import handoff
from embedded.processes import wait
from tests.stream.crowd import crowd

pytestmark = pytest.mark.faults
DASHBOARDS = 1_000


def commands(shop):
    """How many commands Redis has done, but for ours that ask."""
    found = shop.redis.info("commandstats")
    mine = {"cmdstat_info", "cmdstat_client|list", "cmdstat_publish"}
    return {name: each["calls"] for name, each in found.items() if name not in mine}


def queries(shop):
    """How many transactions Postgres has done."""
    return shop.query("SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database")


def subscriptions(shop):
    return len(shop.redis.client_list(_type="pubsub"))


def test_a_thousand_dropped_at_once_are_right_again_from_memory_alone(shop, site):
    shop.look(site)  # Known to the door, as dashboards are that were there a moment ago.
    with crowd() as people:
        members = people.open(site, shop.token, DASHBOARDS)
        people.read_for(members, b"event: init")
        before = subscriptions(shop)
        last = shop.publish("news", n=0)
        people.read_for(members, last.encode())
        last_ids = [member.last_id for member in members]
        people.leave(members, reset=True)
        missed = shop.publish("news", n=1)
        shop.look(site)
        asked, redis_did = queries(shop), commands(shop)
        began = time.monotonic()
        again = people.open(site, shop.token, last_ids=last_ids)
        people.read_for(again, missed.encode())
        took = time.monotonic() - began
        redis_did = {name: calls - redis_did.get(name, 0) for name, calls in commands(shop).items()}
        asked = queries(shop) - asked
        during = subscriptions(shop)
    assert all(member.ids == [missed] for member in again)
    # What two workers do by the clock meanwhile, not what a thousand dashboards would.
    assert sum(redis_did.values()) < DASHBOARDS / 5, redis_did
    assert asked < DASHBOARDS / 5
    assert before == during == 2
    assert took < 10


def test_a_thousand_that_come_to_a_fresh_worker_are_all_let_in(shop, own_site, way):
    site = own_site(STREAM_HANDOFF=way)
    asked = queries(shop)
    with crowd() as people:
        members = people.open(site, shop.token, DASHBOARDS)
        people.read_for(members, b"HTTP/1.1 ")
        assert {member.status for member in members} == {200}
        people.read_for(members, b"event: init")
    site.stop()  # Its connections add to Postgres's statistics when they end, if not before.
    assert queries(shop) - asked < DASHBOARDS / 10


def test_five_thousand_that_come_and_go_leave_nothing_behind(shop, own_site, way):
    site = own_site(STREAM_HANDOFF=way)
    shop.look(site)
    worker = psutil.Process(site.workers[0])

    def come_and_go(times):
        for number in range(times):
            with crowd() as people:
                members = people.open(site, shop.token, 250)
                if number % 3:
                    people.read_for(members, b"event: init")
                people.leave(members, reset=number % 2 == 0)
        assert wait(lambda: site.meter("streams_open") == 0, seconds=20)

    def grown():
        before = worker.memory_info().rss
        come_and_go(20)
        return worker.memory_info().rss - before

    come_and_go(8)
    files = worker.num_fds()
    # The first thousands find out how much is in use at a time; a leak would go on for ever.
    assert any(grown() < 3 * 1024 * 1024 for _ in range(4))
    assert wait(lambda: worker.num_fds() <= files + 5, seconds=10)


def test_who_vanishes_without_a_word_is_gone_when_heartbeats_stay_unanswered(shop):
    sites = (shop.fast, shop.plain)

    def open_at_each():
        return {site.meter("streams_open") for site in sites}

    assert wait(lambda: open_at_each() == {0}, seconds=10)
    with crowd() as people:
        members = [people.open(site, shop.token, 3) for site in sites]
        for those in members:
            people.read_for(those, b"event: init")
            for each in those[:2]:
                each.vanish()
        began = time.monotonic()
        assert wait(lambda: open_at_each() == {1}, seconds=30)
        assert time.monotonic() - began < 2 * handoff.UNANSWERED_SECONDS
        last = shop.publish("news", n=1)
        people.read_for([those[2] for those in members], last.encode())


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_who_hangs_up_frees_the_place_at_once(shop, own_site, way, how):
    site = own_site(STREAM_HANDOFF=way, STREAM_MAX_CLIENTS="1", HEARTBEAT_SECONDS="40")
    for _ in range(3):
        with crowd() as people:
            [member] = people.open(site, shop.token)
            people.read_for([member], b"event: init")
            [second] = people.open(site, shop.token)
            people.read_for([second], b"HTTP/1.1 ")
            assert second.status == 503
            people.leave([member], reset=how == "RST")
            assert wait(lambda: site.meter("streams_open") == 0, seconds=10)


def test_stuck_readers_cost_the_others_nothing(shop, site):
    """The same news to the same readers, without and with a hundred beside them who never read:
    more of it than the kernel keeps for each."""
    with crowd() as people:
        shop.look(site)
        members = people.open(site, shop.token, DASHBOARDS - 100)
        people.read_for(members, b"event: init")

        def news(count):
            began = time.monotonic()
            for number in range(count):
                last = shop.publish("news", n=number, filling="x" * 20_000)
                people.read_for(members, last.encode())
                for member in members:
                    member.received.clear()
            return (time.monotonic() - began) / count

        news(2)
        alone = min(news(4) for _ in range(2))
        stuck = people.open(site, shop.token, 100, receive_buffer=4096, read=False)
        news(12)
        beside = min(news(4) for _ in range(2))
        people.leave(stuck, reset=True)
    assert beside < alone * 2 + 0.05


def test_a_reader_that_pauses_is_moved_forward_to_init(shop, site):
    with shop.connect(site, receive_buffer=4096) as slow:
        before = site.meter("streams_reset_total")
        slow.until("init")
        memory = psutil.Process(site.workers[0]).memory_info().rss
        for number in range(700):
            last = shop.publish("activity", activeUsers=number, filling="x" * 40_000)
        grown = psutil.Process(site.workers[0]).memory_info().rss - memory
        init = slow.until(lambda event: event.event == "init", timeout=20)
        assert init.data["recovered"] is False
        assert init.data["activeUsers"] == shop.look(site)["activeUsers"]
        after = shop.publish("news", n=1)
        assert slow.until(lambda event: event.id == after)
    assert site.meter("streams_reset_total") == before + 1
    assert last
    assert grown < 60 * 1024 * 1024
