"""What the board lists as low: who needs somebody, and the nearest to that."""

from collections.abc import Callable

import pytest

from blueprints.inventory.board import LEAST, NEAREST
from blueprints.stream import board
from tests.till import Till

Settle = Callable[[], None]


def listed(till: Till) -> list[tuple[str, int]]:
    """Ids and what remains, as `init` lists them."""
    return [(each["id"], each["remaining"]) for each in till.board()["lowStockAlerts"]]


def recounted(till: Till) -> None:
    """Everything comes from Postgres, not from events."""
    till.board()
    with till.app.app_context():
        board.rebuild(board.read().epoch, "a test asks for it")
        assert board.differences() == []


@pytest.fixture(params=["told by events", "recounted"])
def settle(request: pytest.FixtureRequest, till: Till) -> Settle:
    """The list must be the same however the board came to know."""
    return (lambda: recounted(till)) if request.param == "recounted" else (lambda: None)


def test_the_five_lowest_are_listed_though_none_is_low(till: Till, settle: Settle) -> None:
    made = [(till.product(remaining=stock), stock) for stock in (70, 20, 60, 30, 50, 40, 80)]
    settle()

    assert listed(till) == sorted(made, key=lambda each: each[1])[:LEAST]


def test_all_that_are_low_are_listed_however_many(till: Till, settle: Settle) -> None:
    made = [(till.product(remaining=stock, threshold=50), stock) for stock in range(10, 20)]
    till.product(remaining=60)
    settle()

    assert listed(till) == made


def test_what_is_paused_or_was_refused_is_listed_whatever_is_left(
    till: Till, settle: Settle
) -> None:
    for stock in range(LEAST):
        till.product(remaining=10 + stock)
    paused, refused = till.product(remaining=500), till.product(remaining=400)
    till.product(remaining=300)
    till.post(f"/api/products/{paused}/pause")
    assert till.order((refused, 401)).status_code == 409
    settle()

    assert listed(till)[LEAST:] == [(refused, 400), (paused, 500)]
    till.post(f"/api/products/{paused}/resume")
    assert listed(till)[LEAST:] == [(refused, 400)]


def test_another_moves_up_when_the_lowest_is_restocked(till: Till, settle: Settle) -> None:
    made = [till.product(remaining=10 + stock) for stock in range(LEAST + 2)]
    settle()
    till.post(f"/api/products/{made[0]}/restock", {"quantity": 100})

    assert [id for id, _ in listed(till)] == made[1 : LEAST + 1]


def test_a_recount_brings_no_more_than_it_needs(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert NEAREST > LEAST
    monkeypatch.setattr("blueprints.inventory.board.NEAREST", 3)
    for stock in range(6):
        till.product(remaining=10 + stock)
    recounted(till)

    with till.app.app_context():
        assert len(board.read().items["lowStockAlerts"]) == 3
