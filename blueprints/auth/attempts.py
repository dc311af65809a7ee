"""How often somebody may try a password: counted in Redis, and closed when Redis is away."""

import ipaddress

from flask import Flask, current_app
from limits import parse
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from extensions import redis
from problems import Problem, unavailable

WINDOW_SECONDS = 15 * 60
# An office behind one address signs in every morning; a person mistypes a few times.
PER_ADDRESS = parse("100 per 15 minutes")
PER_ADDRESS_AND_EMAIL = parse("10 per 15 minutes")
# Against guessing from many addresses. A link from the command line still signs its owner in.
PER_EMAIL = parse("50 per 15 minutes")


def init_app(app: Flask) -> None:
    """Count on the worker's own pool of connections."""
    storage = RedisStorage("redis://", connection_pool=redis.commands.connection_pool)
    app.extensions["attempts"] = FixedWindowRateLimiter(storage)


def count(email: str, address: str) -> None:
    """Count an attempt before it is checked, so that many at once are counted too.

    Raises the 429 problem when there were too many, and 503 when they cannot be counted: without
    this, whoever can overload Redis can guess without limit.
    """
    network = _network(address)
    try:
        allowed = (
            _counter().hit(PER_ADDRESS, "address", network)
            and _counter().hit(PER_ADDRESS_AND_EMAIL, "both", network, email)
            and _counter().hit(PER_EMAIL, "email", email)
        )
    except RedisError:
        raise unavailable("Signing in") from None
    if not allowed:
        raise Problem(
            429,
            "too-many-attempts",
            "Too many attempts to sign in",
            "Wait a quarter of an hour, then try again.",
            headers={"Retry-After": str(WINDOW_SECONDS)},
        )


def forgive(email: str, address: str) -> None:
    """Forget a person's mistypes once they got in."""
    try:
        _counter().clear(PER_ADDRESS_AND_EMAIL, "both", _network(address), email)
    except RedisError:
        current_app.logger.info("sign-in attempts could not be cleared")


def _counter() -> FixedWindowRateLimiter:
    found: FixedWindowRateLimiter = current_app.extensions["attempts"]
    return found


def _network(address: str) -> str:
    """An IPv6 customer has a whole /64 of addresses to try from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))
