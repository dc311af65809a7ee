"""POST /api/alerts: another service has something to say to everyone who looks."""

from typing import Any

import pytest

from tests.till import Till

ALERT = {"severity": "warning", "message": "Payments are slow"}


def test_it_is_answered_announced_and_shown_until_acknowledged(till: Till) -> None:
    till.events()

    answer = till.post("/api/alerts", ALERT)

    assert answer.status_code == 201
    alert = answer.json
    assert alert
    expected = ALERT | {"kind": "custom", "acknowledged": False, "resolvedAt": None}
    assert alert | expected == alert
    (event,) = till.events()
    assert event.channel == "alerts"
    assert {name: event.data[name] for name in alert} == alert
    assert till.board()["alerts"] == [alert]


def test_the_newest_comes_first(till: Till) -> None:
    for number in range(3):
        till.post("/api/alerts", ALERT | {"message": f"Number {number}"})

    messages = [alert["message"] for alert in till.board()["alerts"]]

    assert messages == ["Number 2", "Number 1", "Number 0"]


def test_an_open_one_is_seen_however_many_were_settled_after_it(till: Till) -> None:
    first = till.post("/api/alerts", ALERT).json
    assert first
    for number in range(210):
        settled = till.post("/api/alerts", ALERT | {"message": f"Number {number}"}).json
        assert settled
        till.post(f"/api/alerts/{settled['id']}/acknowledge")

    alerts = till.board()["alerts"]

    assert alerts[-1] == first
    assert alerts[0]["message"] == "Number 209"
    assert len(alerts) < 210


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"severity": "panic"}, "severity"),
        ({"severity": None}, "severity"),
        ({"message": ""}, "message"),
        ({"message": "x" * 501}, "message"),
        ({"message": "a\rb"}, "message"),
        ({"message": "a\u0000b"}, "message"),
        ({"kind": "Bad Kind"}, "kind"),
        ({"kind": "x\n"}, "kind"),
        ({"acknowledged": True}, "acknowledged"),
    ],
)
def test_what_cannot_be_is_named(till: Till, wrong: dict[str, Any], field: str) -> None:
    answer = till.post("/api/alerts", ALERT | wrong)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]  # type: ignore[index]
    assert till.board()["alerts"] == []
