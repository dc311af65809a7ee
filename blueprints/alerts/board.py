"""What alerts show: all that are open, and those last acknowledged or resolved, newest first."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, or_, select

import shop
from blueprints import stream
from blueprints.alerts import schemas
from blueprints.alerts.models import Alert

LIMIT = 200


def recount(connection: Connection, day: date) -> Mapping[str, Any]:
    """The board's fields from Postgres: what is open, and what was settled since the day began."""
    start = shop.day_start(day)
    # What another service raised is never resolved, so that it is settled once acknowledged.
    stays = or_(Alert.acknowledged_at.is_(None), Alert.subject.is_not(None))
    wanted = or_(
        and_(Alert.resolved_at.is_(None), stays),
        Alert.resolved_at >= start,
        Alert.acknowledged_at >= start,
    )
    query = select(Alert.__table__).where(wanted).order_by(Alert.id.desc())
    return {
        "alerts": [
            stream.Item(str(row.id), row.version, schemas.alert(row))
            for row in connection.execute(query)
        ]
    }


stream.channel(
    "alerts",
    fields=[
        stream.Latest(
            "alerts",
            show=lambda alert: True,
            order=lambda alert: -int(alert["id"]),
            limit=LIMIT,
            always=lambda alert: not alert["acknowledged"] and not alert["resolvedAt"],
        )
    ],
    recount=recount,
)


def changed(alert: Any) -> None:
    """Announce an alert: it was raised or has changed."""
    stream.record("alerts", schemas.alert(alert), key=str(alert.id), version=alert.version)
