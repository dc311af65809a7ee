"""Whether what we depend on answers, each with a reason that may be shown to anybody."""

from collections.abc import Callable

import structlog
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from blueprints import stream
from extensions import db, redis

log = structlog.get_logger(__name__)

OK = "ok"


def checks() -> dict[str, str]:
    """State of each part: `ok`, or why not. Bounded by the timeouts of the two servers' clients."""
    return {"postgres": _postgres(), "redis": _redis(), "feed": stream.feed_down() or OK}


def _postgres() -> str:
    # A connection of its own: a session that has failed would be handed to the rest of the request.
    return _answers("postgres", "Postgres does not answer", _select_one)


def _redis() -> str:
    return _answers("redis", "Redis does not answer", redis.commands.ping)


def _select_one() -> None:
    with db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _answers(part: str, reason: str, ask: Callable[[], object]) -> str:
    try:
        ask()
    except (SQLAlchemyError, RedisError, OSError) as error:
        log.warning("not ready", part=part, error=type(error).__name__)
        return reason
    return OK
