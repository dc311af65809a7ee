"""The hub is right again after whatever its subscription, the log or Redis did to it."""

import threading
import time

import pytest

from blueprints.stream import board, follower, publish
from extensions import redis
from tests.stream.desk import Desk


@pytest.fixture
def desk(app):
    with app.app_context():
        board.rebuild(None, "a test begins")
        desk = Desk(app)
        yield desk
        desk.close()


def ids(events):
    return [event.id for event in events if event.id]


def test_messages_lost_on_the_way_are_filled_in_from_the_log(desk):
    dashboard = desk.dashboard()
    sent = [publish("news", {"n": number}) for number in range(6)]
    desk.deliver(lose=4)
    assert ids(dashboard.read()) == sent


def test_messages_that_come_twice_are_told_once(desk):
    dashboard = desk.dashboard()
    sent = [publish("news", {"n": number}) for number in range(3)]
    for text in [entry[1] for entry in board.logged(0)]:
        redis.commands.publish("metrics:news", text)
    desk.deliver()
    assert ids(dashboard.read()) == sent


@pytest.mark.parametrize("harm", ["trim", "delete", "hole"])
def test_a_log_that_no_longer_reaches_back_means_a_fresh_init(desk, harm):
    dashboard = desk.dashboard()
    seen = dashboard.beginning[0].id
    sent = [publish("activity", {"activeUsers": number}) for number in range(6)]
    if harm == "trim":
        redis.commands.xtrim(board.LOG, maxlen=1, approximate=False)
    elif harm == "delete":
        redis.commands.delete(board.LOG)
    else:
        redis.commands.xdel(board.LOG, "3-0")
    desk.deliver(lose=5)
    told = dashboard.read()
    assert [event.event for event in told if event.event == "init"] == ["init"]
    assert told[-1].id == sent[-1]
    assert told[-1].data["recovered"] is False
    assert told[-1].data["activeUsers"] == 5
    after = publish("news", {"n": 1})
    desk.deliver()
    assert ids(dashboard.read()) == [after]
    for before in (seen, sent[1]):
        assert desk.dashboard(before).beginning[0].event == "init"


def test_a_rebuilt_board_is_told_to_all_and_the_old_ids_are_forgotten(desk):
    dashboard = desk.dashboard()
    old = publish("news", {"n": 1})
    desk.deliver()
    board.rebuild(board.read().epoch, "of a test")
    desk.deliver()
    init = dashboard.read()[-1]
    assert (init.event, init.data["recovered"]) == ("init", False)
    assert init.id == f"{board.read().epoch}-0"
    again = desk.dashboard(old).beginning
    assert [event.event for event in again] == ["init"]
    assert again[0].data["recovered"] is False


def test_events_of_a_board_that_is_gone_change_nothing(desk):
    old = publish("news", {"n": 1})
    text = board.logged(0)[0][1]
    board.rebuild(board.read().epoch, "of a test")
    desk.deliver()
    dashboard = desk.dashboard()
    redis.commands.publish("metrics:news", text)
    desk.deliver()
    assert old not in ids(dashboard.read())


def test_events_of_a_new_board_are_not_taken_for_the_old_ones_next(desk):
    """The news of the rebuilding is lost, and the new log's numbers follow on the old ones."""
    dashboard = desk.dashboard()
    publish("news", {"n": 1})
    desk.deliver()
    dashboard.read()
    board.rebuild(board.read().epoch, "of a test")
    sent = [publish("news", {"n": number}) for number in range(3)]
    desk.deliver(lose=2)
    told = dashboard.read()
    assert told[-1].id == sent[-1]
    assert {event.event for event in told if event.id} == {"init"}


def test_a_log_read_just_after_a_rebuild_is_not_taken_for_the_old_boards(desk):
    old = [publish("news", {"n": number}) for number in range(3)]
    before = board.read()
    board.rebuild(before.epoch, "of a test")
    for number in range(3):
        publish("news", {"n": number})
    desk.hub.begin_at(before, board.logged(-1))
    assert desk.dashboard(old[0]).beginning[0].event == "init"
    desk.deliver()
    assert desk.dashboard().beginning[0].id == f"{board.read().epoch}-3"


def test_a_status_that_was_missed_is_told_to_who_comes_back(desk):
    dashboard = desk.dashboard()
    last = publish("news", {"n": 1})
    desk.deliver()
    desk.hub.report("redis", "Redis is away")
    desk.hub.flush()
    assert [event.data for event in dashboard.read() if event.event == "status"] == [
        {"live": False, "reason": "Redis is away"}
    ]
    down = desk.dashboard(last).beginning
    desk.hub.report("redis", None)
    up = desk.dashboard(last).beginning
    assert [(event.event, event.data["live"]) for event in down] == [("status", False)]
    assert [(event.event, event.data["live"]) for event in up] == [("status", True)]
    later = publish("news", {"n": 2})
    desk.deliver()
    assert desk.dashboard(later).beginning == []


def test_a_dashboard_from_a_worker_that_is_ahead_waits_for_this_one(desk):
    ahead = publish("news", {"n": 1})
    arrived = threading.Timer(0.1, desk.deliver)
    arrived.start()
    dashboard = desk.dashboard(ahead)
    arrived.join()
    assert dashboard.beginning == []
    after = publish("news", {"n": 2})
    desk.deliver()
    assert ids(dashboard.read()) == [after]


def test_an_id_from_the_future_costs_a_moment_and_no_more(desk):
    began = time.monotonic()
    init = desk.dashboard(f"{board.read().epoch}-1000").beginning[0]
    assert (init.event, init.data["recovered"]) == ("init", False)
    assert time.monotonic() - began < 5


def test_the_ring_can_restart_between_opening_and_the_first_bytes(desk):
    last = publish("news", {"n": 1})
    desk.deliver()
    cursor = desk.hub.open(last, "full", None)
    board.rebuild(board.read().epoch, "of a test")
    desk.deliver()
    wire = b"".join(desk.hub.first_bytes(cursor, last))
    assert b"event: init" in wire
    assert b'"recovered":false' in wire


def test_the_clock_is_told_without_an_id_and_only_to_who_wants_it(desk):
    everyone = desk.dashboard()
    filtered = desk.dashboard(channels=frozenset({"orders"}))
    asking = desk.dashboard(channels=frozenset({"clock"}))
    desk.hub.minute()
    desk.hub.flush()
    assert filtered.read() == []
    for dashboard in (everyone, asking):
        clock = dashboard.read()[-1]
        assert (clock.event, clock.id) == ("clock", None)
        assert set(clock.data) == {"day", "compare", "series"}


def test_what_has_no_id_is_not_told_again_to_who_comes_back(desk):
    last = publish("news", {"n": 0})
    desk.deliver()
    missed = [publish("news", {"n": 1})]
    redis.commands.publish("metrics:weather", b"{}")
    missed.append(publish("news", {"n": 2}))
    # Shown in one round, so that the dashboard stands where all others do.
    while (message := desk._subscription.get_message(timeout=0.1)) is not None:
        desk.hub.follower.take(message)
    dashboard = desk.dashboard(last)
    desk.hub.flush()
    told = dashboard.beginning + dashboard.read()
    assert [(event.event, event.id) for event in told] == [("news", id) for id in missed]


def test_a_frame_that_cannot_be_redacted_is_withheld_and_the_others_are_sent(desk):
    display = desk.dashboard(audience="initials")
    redis.commands.publish("metrics:orders", b'{"order":{"customer":{"name":"Ada Lovelace"}}}')
    after = publish("news", {"n": 1})
    desk.deliver()
    told = display.read()
    assert "Lovelace" not in str(told)
    assert ids(told) == [after]


@pytest.mark.parametrize("attempts", [0, 1, 5, 2_000])
def test_the_wait_for_redis_is_bounded_after_any_number_of_attempts(attempts):
    waits = [follower.back_off(attempts) for _ in range(50)]
    assert min(waits) >= follower.BACK_OFF_SECONDS[0]
    assert max(waits) <= follower.BACK_OFF_SECONDS[1]
    assert len(set(waits)) > 1 or attempts == 0
