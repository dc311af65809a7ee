"""Stock raises alerts by itself: on the crossing, one open alert a product, which escalates."""

from typing import Any

import pytest

from tests.cast import Person
from tests.till import Till


def alerts_in(till: Till) -> list[Any]:
    """The alerts that were published, as (kind, resolved)."""
    return [
        (event.data["kind"], event.data["resolvedAt"] is not None)
        for event in till.events()
        if event.channel == "alerts"
    ]


def test_a_sale_down_to_nothing_escalates_one_alert_in_place(till: Till) -> None:
    mug = till.product(remaining=12, threshold=10)
    ids = set()

    for units, kinds in [
        (2, []),  # 10 left: not below 10
        (1, [("low_stock", False)]),
        (6, []),  # 3 left: no crossing
        (1, [("critical_stock", False)]),
        (1, []),
        (1, [("sold_out", False)]),
    ]:
        till.placed((mug, units))
        assert alerts_in(till) == kinds
        ids |= {alert["id"] for alert in till.board()["alerts"]}

    assert len(ids) == 1


@pytest.mark.parametrize(
    ("units", "severity", "message"),
    [
        (1, "warning", "Mug is low: 9 left"),
        (8, "critical", "Mug is almost gone: 2 left"),
        (10, "critical", "Mug is sold out"),
    ],
)
def test_what_an_alert_says(till: Till, units: int, severity: str, message: str) -> None:
    mug = till.product(name="Mug", sku="MUG", remaining=10, threshold=10)
    till.placed((mug, units))

    (alert,) = till.board()["alerts"]

    assert (alert["severity"], alert["message"]) == (severity, message)
    assert alert["product"] == {"id": mug, "sku": "MUG", "name": "Mug"}
    assert (alert["acknowledged"], alert["resolvedAt"]) == (False, None)


def test_a_restock_to_the_threshold_resolves_it_and_the_next_one_is_new(till: Till) -> None:
    mug = till.product(remaining=10, threshold=10)
    till.placed((mug, 10))
    till.post(f"/api/products/{mug}/restock", {"quantity": 9})
    (open_alert,) = till.board()["alerts"]
    till.post(f"/api/products/{mug}/restock", {"quantity": 1})
    (resolved,) = till.board()["alerts"]
    till.placed((mug, 1))
    newest, before = till.board()["alerts"]

    assert open_alert["resolvedAt"] is None
    assert resolved["id"] == open_alert["id"] == before["id"]
    assert resolved["resolvedAt"]
    assert newest["id"] != before["id"]
    assert newest["resolvedAt"] is None


def test_an_escalation_is_news_also_to_who_acknowledged(till: Till, operator: Person) -> None:
    mug = till.product(remaining=10, threshold=10)
    till.placed((mug, 1))
    (alert,) = till.board()["alerts"]
    operator.client.post(f"/api/alerts/{alert['id']}/acknowledge")
    till.placed((mug, 2))
    assert till.board()["alerts"][0]["acknowledgedBy"] == "olivia"

    till.placed((mug, 7))

    (escalated,) = till.board()["alerts"]
    assert (escalated["kind"], escalated["acknowledged"]) == ("sold_out", False)


def test_one_that_eases_stays_acknowledged(till: Till, operator: Person) -> None:
    mug = till.product(remaining=10, threshold=10)
    till.placed((mug, 10))
    (alert,) = till.board()["alerts"]
    operator.client.post(f"/api/alerts/{alert['id']}/acknowledge")

    till.post(f"/api/products/{mug}/restock", {"quantity": 5})

    (eased,) = till.board()["alerts"]
    assert (eased["kind"], eased["acknowledgedBy"]) == ("low_stock", "olivia")


def test_a_refused_order_raises_nothing(till: Till) -> None:
    mug, cap = till.product(remaining=10, threshold=10), till.product(remaining=0)
    till.board()
    till.events()

    assert till.order((mug, 9), (cap, 1)).status_code == 409

    assert alerts_in(till) == []


def test_the_largest_names_fit(till: Till) -> None:
    mug = till.product(name="Ü" * 200, sku="S" * 64, remaining=10, threshold=10)
    till.placed((mug, 1))

    assert till.board()["alerts"][0]["product"]["name"] == "Ü" * 200
