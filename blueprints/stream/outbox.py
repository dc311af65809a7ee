"""The outbox: events written in the caller's transaction, published after its commit.

What a crash leaves behind is published by whichever worker looks next. Publishing a row twice
changes nothing, because the board remembers which rows it has applied.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, Text, cast, delete, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from blueprints.stream.frames import to_text
from extensions import Model, db

BATCH = 500
# Relays hold this lock shared; a recount holds it alone, so that no event is under way meanwhile.
RELAY_LOCK = 0x464C4153
_RECORDED = "flashboard.recorded"
_ALONG = "flashboard.along"
_WRITTEN = "flashboard.written"
_INSERT = "INSERT INTO outbox (event) SELECT unnest(CAST(%(events)s AS json[]))"


class OutboxEvent(Model):
    """An event that is committed but not published yet."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(
        db.DateTime(timezone=True), server_default=func.now()
    )


def record(
    channel: str,
    data: Mapping[str, Any],
    *,
    item: Mapping[str, Any] | None = None,
    key: str | None = None,
    version: int = 1,
    position: int | None = None,
    day: date | None = None,
    add: Mapping[str, int] | None = None,
) -> None:
    """Make an event part of the current transaction; it is published once that has committed.

    data: members of the event's JSON object beside what the channel adds by itself.
    item, key, version: the item for the channel's Recent or Latest field. Without `item`, `data`
        is the item. A higher version is newer.
    position: where the item stands among others of a Recent field; higher is newer.
    day, add: what to add to which counters, and the business day they count for. Money is in
        minor units.
    """
    event = in_script_form(channel, data, item, key, version, position, day, add)
    _begun().info.setdefault(_RECORDED, []).append(to_text(event))


def in_script_form(
    channel: str,
    data: Mapping[str, Any],
    item: Mapping[str, Any] | None = None,
    key: str | None = None,
    version: int = 1,
    position: int | None = None,
    day: date | None = None,
    add: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """An event as the board's script takes it: JSON texts inside, which it only puts together."""
    event: dict[str, Any] = {"channel": channel, "head": to_text(data)[1:-1]}
    if key is not None:
        event |= {"key": key, "version": version, "item": to_text(data if item is None else item)}
    if position is not None:
        event["position"] = position
    if day and add:
        event |= {"day": day.isoformat(), "add": add}
    return event


def write_along(statement: str, parameters: Mapping[str, Any]) -> None:
    """Run a statement at the end of the current transaction, in the round trip of its events.

    The rows a transaction has locked are free one round trip sooner. Parameters are psycopg's,
    `%(name)s`. There has to be an event.
    """
    _begun().info.setdefault(_ALONG, []).append((statement, parameters))


def _begun() -> Session:
    """The session in its transaction, whose end takes what is noted here with it."""
    session = db.session()
    if not session.in_transaction():
        session.begin()
    return session


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    """All events of a transaction in one statement, its last: locked rows wait for no more."""
    events = session.info.pop(_RECORDED, None)
    if not events:
        return
    statements, parameters = [_INSERT], {"events": events}
    for statement, more in session.info.pop(_ALONG, ()):
        statements.insert(0, statement)
        parameters |= more
    session.connection().exec_driver_sql(";".join(statements), parameters)
    session.info[_WRITTEN] = True


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Session, _transaction: Any) -> None:
    for noted in (_RECORDED, _ALONG, _WRITTEN):
        session.info.pop(noted, None)


def claim(connection: Connection) -> list[str]:
    """Take events out, oldest first, as JSON; they are back if the transaction does not commit.

    Rows that another worker is publishing right now are passed over.
    """
    connection.execute(select(func.pg_advisory_xact_lock_shared(RELAY_LOCK)))
    oldest = (
        select(OutboxEvent.id)
        .order_by(OutboxEvent.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(
        delete(OutboxEvent)
        .where(OutboxEvent.id.in_(oldest.scalar_subquery()))
        .returning(OutboxEvent.id, cast(OutboxEvent.event, Text))
    )
    return [f'{{"id":{id},{event[1:]}' for id, event in sorted(rows.all())]


def unpublished(connection: Connection) -> list[tuple[int, dict[str, Any]]]:
    """The events that are committed and not published, as this transaction sees them."""
    rows = connection.execute(select(OutboxEvent.id, OutboxEvent.event).order_by(OutboxEvent.id))
    return list(rows.all())


def backlog() -> tuple[int, float]:
    """How many events wait, and the age of the oldest in seconds."""
    depth, oldest = db.session.execute(select(func.count(), func.min(OutboxEvent.created_at))).one()
    age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
    return depth, age


def on_commit(wake: Any) -> None:
    """Call `wake` after every commit that recorded an event."""

    def after_commit(session: Session) -> None:
        if session.info.pop(_WRITTEN, False):
            wake()

    event.listen(db.session, "after_commit", after_commit)
