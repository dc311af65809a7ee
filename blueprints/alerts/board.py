"""What alerts show: all that are open, and those last acknowledged or resolved, newest first."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, or_, select

import shop
from blueprints import stream
from blueprints.alerts import schemas
from blueprints.alerts.models import Alert

LIMIT = 200


def recount(connection: Connection, day: date) -> Mapping[str, Any]:
    """The board's fields from Postgres: what is open, and what was settled since the day began."""
    recently = or_(Alert.resolved_at.is_(None), Alert.resolved_at >= shop.day_start(day))
    query = select(Alert.__table__).where(recently).order_by(Alert.id.desc())
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
        )
    ],
    recount=recount,
)


def changed(alert: Any) -> None:
    """Announce an alert: it was raised or has changed."""
    stream.record("alerts", schemas.alert(alert), key=str(alert.id), version=alert.version)
