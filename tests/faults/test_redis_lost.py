"""Redis is lost in every way it can be: orders go on, and the board is right again, exactly."""

from collections.abc import Callable

import pytest

from blueprints.stream import board
from tests.faults.shop import Shop, median, says_live

pytestmark = pytest.mark.faults

DASHBOARDS = 4
ORDERS = 60


def flushed(shop: Shop) -> None:
    """All of it, while it runs."""
    shop.redis.flushall()


def evicted(*names: str) -> Callable[[Shop], None]:
    """A full Redis drops keys one by one."""

    def evict(shop: Shop) -> None:
        for name in names:
            for key in shop.redis.scan_iter(name):
                shop.redis.delete(key)

    return evict


def restarted_empty(shop: Shop) -> None:
    """As a managed one without persistence does."""
    shop.servers.redis.kill9()
    shop.servers.redis.wipe()
    shop.servers.redis.start()


def restarted_with_old_data(shop: Shop) -> None:
    """What it had saved is older than what it has published."""
    shop.redis.save()
    _, saved = board_at(shop)
    with shop.sale() as sale:
        sale.await_orders(ORDERS)
    _, published = board_at(shop)
    assert published > saved, "the old data are not old: the test proves nothing"
    shop.servers.redis.kill9()
    shop.servers.redis.start()


def failed_over_without_restart(shop: Shop) -> None:
    """The same server with another's older data, under the same connections."""
    kept = shop.redis.dump(board.BOARD)
    assert kept
    with shop.sale() as sale:
        sale.await_orders(ORDERS)
    shop.redis.restore(board.BOARD, 0, kept, replace=True)
    shop.redis.client_kill_filter(_type="pubsub")


REBUILT: dict[str, Callable[[Shop], None]] = {
    "flushed": flushed,
    "board evicted": evicted(board.BOARD),
    "memory of applied events evicted": evicted(f"{board.APPLIED}*"),
    "everything evicted, key by key": evicted("*"),
    "restarted empty": restarted_empty,
    "restarted with old data": restarted_with_old_data,
    "failed over without a restart": failed_over_without_restart,
}


def board_at(shop: Shop) -> tuple[str, int]:
    """The board's epoch and the number of its last event."""
    epoch, seq = shop.redis.hmget(board.BOARD, "epoch", "seq")
    return bytes(epoch or b"").decode(), int(seq or 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", REBUILT)
def test_the_board_is_rebuilt_under_a_new_epoch_while_orders_go_on(shop: Shop, way: str) -> None:
    dashboards = [shop.dashboard() for _ in range(DASHBOARDS)]
    for stream in dashboards:
        stream.until("init")
    with shop.sale() as sale:
        before = median(sale.await_orders(ORDERS))
        epoch, _ = board_at(shop)
        REBUILT[way](shop)
        during = median(sale.await_orders(ORDERS))

    inits = [stream.until("init", 30) for stream in dashboards]
    assert set(sale.statuses) == {201}
    assert during < 3 * before + 0.05
    for init in inits:
        assert init.data["recovered"] is False
        assert init.id
        assert init.id.split("-")[0] != epoch
    # Nothing may have been sold since a board was read: one more, so that there is news for all.
    assert shop.order().status == 201
    shop.placed += 1
    shop.everyone_is_right(dashboards)
    shop.await_outbox(lambda depth: depth == 0)
    for stream in dashboards:
        stream.close()


@pytest.mark.parametrize("key", [board.LOG, board.WAITING])
def test_other_keys_may_be_dropped_at_any_moment(shop: Shop, key: str) -> None:
    dashboards = [shop.dashboard() for _ in range(DASHBOARDS)]
    with shop.sale() as sale:
        for _ in range(5):
            sale.await_orders(10)
            shop.redis.delete(key)
    assert set(sale.statuses) == {201}
    shop.everyone_is_right(dashboards)
    shop.await_outbox(lambda depth: depth == 0)
    for stream in dashboards:
        stream.close()


def read_only(shop: Shop) -> Callable[[], object]:
    """It reads and publishes, and takes no writes."""
    shop.redis.config_set("min-replicas-to-write", 1)
    return lambda: shop.redis.config_set("min-replicas-to-write", 0)


def frozen(shop: Shop) -> Callable[[], object]:
    """Connections stay open, and nothing answers."""
    shop.servers.redis.sigstop()
    return shop.servers.redis.sigcont


def full(shop: Shop) -> Callable[[], object]:
    """It refuses what would need memory."""
    shop.redis.config_set("maxmemory", 1)
    return lambda: shop.redis.config_set("maxmemory", 0)


def slow(shop: Shop) -> Callable[[], object]:
    """Every answer takes longer than anyone waits."""
    shop.redis.client_pause(60_000, all=True)

    def restart() -> None:
        shop.servers.redis.kill9()
        shop.servers.redis.start()

    return restart


AWAY: dict[str, Callable[[Shop], Callable[[], object]]] = {
    "read-only": read_only,
    "frozen": frozen,
    "full": full,
    "slow": slow,
}


@pytest.mark.parametrize("way", AWAY)
def test_orders_go_on_while_it_is_away_and_dashboards_say_so(shop: Shop, way: str) -> None:
    dashboards = [shop.dashboard() for _ in range(DASHBOARDS)]
    with shop.sale() as sale:
        before = median(sale.await_orders(ORDERS))
        mend = AWAY[way](shop)
        try:
            for stream in dashboards:
                down = stream.until(says_live(False), 30)
                assert down.event == "init" or down.data["reason"]
            during = median(sale.await_orders(ORDERS))
            shop.await_both_say(live=False)
            shop.await_outbox(lambda depth: depth > 0)
            # Whoever comes now is shown what was last known, and told that it is not live.
            with shop.dashboard() as late:
                assert late.until("init").data["live"] is False
        finally:
            mend()
        for stream in dashboards:
            stream.until(says_live(True), 30)
    assert set(sale.statuses) == {201}
    assert during < 3 * before + 0.05
    assert shop.order().status == 201
    shop.placed += 1
    shop.everyone_is_right(dashboards)
    shop.await_outbox(lambda depth: depth == 0)
    for stream in dashboards:
        stream.close()
