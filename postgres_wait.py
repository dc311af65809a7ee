"""psycopg2 under gevent: a query that waits lets other requests go on, and never waits for ever.

psycopg2 is C: gevent's patches do not reach it. This is what psycogreen does, with a bound, so that
a server that has stopped answering is noticed (https://www.psycopg.org/docs/advanced.html#green-support).
"""

import time
from typing import Any

import psycopg2
from gevent.socket import timeout as SocketTimeout
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions

from extensions import answer_by

CONNECT_SECONDS = 2.0
# Above the statement timeout: the server's own word comes first when it still answers.
QUERY_SECONDS = 10.0
# For what a request that has waited too long still has to do, such as to roll back.
LEAST_SECONDS = 0.1


def yield_to_other_greenlets() -> None:
    """Make every connection of this process wait through gevent. For gunicorn's workers only."""
    extensions.set_wait_callback(_wait)


def _wait(connection: Any) -> None:
    bound = CONNECT_SECONDS if connection.status == extensions.STATUS_SETUP else QUERY_SECONDS
    if deadline := answer_by.get():
        bound = min(bound, max(deadline - time.monotonic(), LEAST_SECONDS))
    try:
        while (state := connection.poll()) != extensions.POLL_OK:
            wait = wait_read if state == extensions.POLL_READ else wait_write
            wait(connection.fileno(), timeout=bound)
    except SocketTimeout:
        # OperationalError is what the pool's ping takes for a dead connection.
        raise psycopg2.OperationalError("Postgres does not answer") from None
