"""How often one caller may change things: so that a program that has gone wild stops nobody else.

Counted in the worker's own memory: a round trip to Redis for each order costs a third of all orders
a second, and a limit that needs Redis would end where the shop must go on selling.
"""

import math
import time

from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

import shop
from blueprints.auth.principals import Principal
from problems import Problem


def init_app(app: Flask) -> None:
    """Give the app a count of its own, and read the limit once."""
    app.extensions["pace"] = FixedWindowRateLimiter(MemoryStorage())
    app.extensions["pace_limit"] = parse(app.config["SETTINGS"].writes_rate_limit)


def count(principal: Principal) -> None:
    """Count a change asked for, each route by itself. Raises the 429 problem beyond the limit."""
    counter: FixedWindowRateLimiter = current_app.extensions["pace"]
    limit: RateLimitItem = current_app.extensions["pace_limit"]
    whose = (principal.owner, request.endpoint or "")
    if counter.hit(limit, *whose):
        return
    wait = math.ceil(counter.get_window_stats(limit, *whose).reset_time - time.time())
    raise Problem(
        429,
        "too-many-requests",
        "Too many requests",
        f"One caller may ask this {shop.settings().writes_rate_limit}; nothing was changed.",
        headers={"Retry-After": str(max(1, wait))},
    )
