"""Extensions, created without an app and connected to nothing at import."""

import ssl
import time
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, g, request
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from redis import BlockingConnectionPool, Redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase

from config import Settings

STATEMENT_TIMEOUT_MS = 8_000
LOCK_TIMEOUT_MS = 5_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000
REDIS_TIMEOUT_SECONDS = 1.0
# A connection that was used so lately is not asked whether it is still good: an order would wait
# for one more round trip. One that has died is found out by the first query, and all are renewed.
PING_AFTER_SECONDS = 1.0
# A request has its answer from Postgres by then, or 503: what is due after 2 s to whoever waits.
REQUEST_SECONDS = 1.8


# When (by time.monotonic) whoever runs now gives up waiting for Postgres; None for never. Kept to
# by postgres_wait, in gunicorn's workers.
answer_by: ContextVar[float | None] = ContextVar("answer_by", default=None)


class Model(DeclarativeBase):
    """Base of all tables; constraints are named so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class RedisExtension:
    """The worker's two ways to Redis: `commands`, a small pool, and `subscriber()`, one connection.

    They are apart because a subscription never returns its connection to a pool.
    """

    commands: Redis

    def init_app(self, app: Flask) -> None:
        settings: Settings = app.config["SETTINGS"]
        self._url = settings.redis_url
        retry = Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.2), retries=1)
        pool = BlockingConnectionPool.from_url(
            self._url,
            max_connections=settings.redis_max_connections,
            timeout=REDIS_TIMEOUT_SECONDS,
            retry=retry,
            **self._options(),
        )
        self.commands = Redis(connection_pool=pool)

    def subscriber(self) -> Redis:
        """A client that never reconnects by itself: a silent reconnect would hide a gap."""
        return Redis.from_url(self._url, retry=Retry(NoBackoff(), retries=0), **self._options())

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "socket_timeout": REDIS_TIMEOUT_SECONDS,
            "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
            "health_check_interval": 0,
            "protocol": 2,
        }
        if self._url.startswith("rediss://") and "ssl_cert_reqs" not in self._url:
            # Managed Redis of PaaSes has a self-signed certificate.
            options |= {"ssl_cert_reqs": ssl.CERT_NONE, "ssl_check_hostname": False}
        if self._url.startswith("unix://"):
            del options["socket_connect_timeout"]
        return options


def _limit_session(connection: Any, _record: Any) -> None:
    """Bound every statement, so that one slow query or lost client cannot hold a connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}; SET lock_timeout = {LOCK_TIMEOUT_MS};"
            f"SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_TIMEOUT_MS}"
        )
    connection.commit()


def _ping_if_idle(engine: Engine) -> None:
    """Let the pool's ping pass over connections that have just been used."""
    used_at: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
    ping = engine.dialect.do_ping

    def do_ping(connection: Any) -> bool:
        if time.monotonic() - used_at.get(connection, 0) < PING_AFTER_SECONDS:
            return True
        return ping(connection)

    def checked_in(connection: Any, _record: Any) -> None:
        if connection is not None:
            used_at[connection] = time.monotonic()

    engine.dialect.do_ping = do_ping  # type: ignore[method-assign, assignment]
    event.listen(engine, "checkin", checked_in)


def _limit_request() -> None:
    answer_by.set(time.monotonic() + REQUEST_SECONDS)


def _whose_limit() -> str:
    """Requests are counted for whoever makes them, and for an address when nobody signed in."""
    principal = g.get("principal")
    return principal.owner if principal else request.remote_addr or "unknown"


# What a transaction returns is what it committed: no query after the commit, which may fail.
db = SQLAlchemy(model_class=Model, session_options={"expire_on_commit": False})
migrate = Migrate(directory="migrations")
redis = RedisExtension()
# Counted in each worker's own memory while Redis is away: limits never stop an order.
limiter = Limiter(
    _whose_limit,
    strategy="fixed-window",
    storage_uri="redis://",
    in_memory_fallback_enabled=True,
    headers_enabled=True,
)


def init_app(app: Flask) -> None:
    """Bind the extensions to the app."""
    db.init_app(app)
    migrate.init_app(app, db)
    redis.init_app(app)
    # The commands' own pool, so that limits need no connections beside it.
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"connection_pool": redis.commands.connection_pool}
    limiter.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", _limit_session)
        _ping_if_idle(db.engine)
    app.before_request(_limit_request)
