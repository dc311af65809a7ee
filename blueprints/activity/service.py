"""Who is in the shop: counted by HyperLogLog, so that nothing about a person is kept."""

import hashlib
import time

import shop
from extensions import redis

ACTIVE_MINUTES = 5
MINUTE_KEPT_SECONDS = 15 * 60
DAY_KEPT_SECONDS = 2 * 24 * 3600
MINUTES = "flashboard:visitors:minute:"
DAYS = "flashboard:visitors:day:"


def seen(visitor: str) -> None:
    """A visitor was seen now. Raises redis.RedisError when Redis is away."""
    digest = hashlib.blake2b(visitor.encode(), digest_size=16).digest()
    minute, day = f"{MINUTES}{_minute()}", f"{DAYS}{shop.today()}"
    pipeline = redis.commands.pipeline(transaction=False)
    pipeline.pfadd(minute, digest)
    pipeline.expire(minute, MINUTE_KEPT_SECONDS)
    pipeline.pfadd(day, digest)
    pipeline.expire(day, DAY_KEPT_SECONDS)
    pipeline.execute()


def count() -> dict[str, int]:
    """Visitors of the last 5 minutes and of today, within 1 %."""
    now = _minute()
    minutes = [f"{MINUTES}{now - back}" for back in range(ACTIVE_MINUTES)]
    return {
        "activeUsers": redis.commands.pfcount(*minutes),
        "visitorsToday": redis.commands.pfcount(f"{DAYS}{shop.today()}"),
    }


def _minute() -> int:
    return int(time.time() // 60)
