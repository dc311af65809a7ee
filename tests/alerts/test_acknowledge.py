"""POST /api/alerts/<id>/acknowledge and /unacknowledge: somebody is on it, or not after all."""

from sqlalchemy import select

from blueprints.auth.models import AuditEntry
from extensions import db
from tests.cast import Person, signed_in
from tests.till import Till

ALERT = {"severity": "critical", "message": "Payments are down"}


def test_who_and_when_is_told_to_everyone(till: Till, operator: Person) -> None:
    alert = till.post("/api/alerts", ALERT).json
    assert alert
    till.events()

    answer = operator.client.post(f"/api/alerts/{alert['id']}/acknowledge")

    assert answer.status_code == 200
    acknowledged = answer.json
    assert acknowledged
    assert (acknowledged["acknowledged"], acknowledged["acknowledgedBy"]) == (True, "olivia")
    assert acknowledged["acknowledgedAt"].endswith("Z")
    (event,) = till.events()
    assert event.data["acknowledgedBy"] == "olivia"
    assert till.board()["alerts"] == [acknowledged]


def test_the_first_stays_named(till: Till, operator: Person) -> None:
    alert = till.post("/api/alerts", ALERT).json
    assert alert
    path = f"/api/alerts/{alert['id']}/acknowledge"
    first = operator.client.post(path).json
    till.events()

    second = signed_in(till.app, "oscar@shop.test", "operator").client.post(path)

    assert second.json == first
    assert till.events() == []


def test_it_can_be_taken_back(till: Till, operator: Person) -> None:
    alert = till.post("/api/alerts", ALERT).json
    assert alert
    operator.client.post(f"/api/alerts/{alert['id']}/acknowledge")
    till.events()

    answer = operator.client.post(f"/api/alerts/{alert['id']}/unacknowledge")

    assert answer.json == alert
    assert [event.data["acknowledged"] for event in till.events()] == [False]
    assert till.board()["alerts"] == [alert]


def test_no_such_alert(till: Till) -> None:
    assert till.post("/api/alerts/999999/acknowledge").status_code == 404
    assert till.post("/api/alerts/x/unacknowledge").status_code == 404


def test_the_audit_log_tells_both(till: Till, operator: Person) -> None:
    alert = till.post("/api/alerts", ALERT).json
    assert alert
    operator.client.post(f"/api/alerts/{alert['id']}/acknowledge")
    operator.client.post(f"/api/alerts/{alert['id']}/unacknowledge")
    operator.client.post("/api/alerts/999999/acknowledge")

    with till.app.app_context():
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.target.like("alert:%")).order_by(AuditEntry.id)
        )
        told = [(each.actor, each.action, each.target) for each in entries]

    target = f"alert:{alert['id']}"
    who = "olivia@shop.test"
    assert told == [(who, "acknowledge", target), (who, "unacknowledge", target)]
