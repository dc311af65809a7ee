"""A short sale on the sample shop, started from the page, one at a time."""

from collections.abc import Callable
from threading import Thread

import structlog
from flask import Flask, current_app, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

import shop
from blueprints.auth import service as auth
from blueprints.auth.principals import Principal
from blueprints.ops.http_client import Target
from blueprints.ops.sale import Impossible, Plan, Sale
from blueprints.ops.scenarios import SCENARIOS
from extensions import db, redis
from problems import Problem

log = structlog.get_logger(__name__)

SCOPES = ("orders:write", "products:write", "stream:read")
PLAN = Plan(per_second=5, seconds=40, scenario=SCENARIOS["restock"])
RUNNING = "flashboard:rehearsal"
# A worker that dies takes its rehearsal along; after this time another can begin.
AT_MOST_SECONDS = 60


def is_sample_shop() -> bool:
    """Whether any sample product is there. By the table's name: ops knows no other room."""
    with db.engine.connect() as connection:
        found = connection.execute(text("SELECT EXISTS (SELECT FROM products WHERE sample)"))
        return bool(found.scalar_one())


class SampleShop:
    """The same for templates: asked only by those that want to know, and no on any trouble."""

    def __bool__(self) -> bool:
        try:
            return is_sample_shop()
        except SQLAlchemyError:
            return False


def begin(principal: Principal, then: Callable[[Plan], object]) -> Plan:
    """Start it in the background; `then` is called in the transaction that makes its token.

    Raises Problem 409, or redis.RedisError.
    """
    if not is_sample_shop():
        raise Problem(
            409, "no-sample-shop", "A rehearsal needs the sample shop", "This shop's stock is real."
        )
    if not redis.commands.set(RUNNING, principal.key, nx=True, ex=AT_MOST_SECONDS):
        raise Problem(409, "rehearsal-running", "A rehearsal is running", "Wait for its end.")
    then(PLAN)
    name = f"rehearsal {shop.now():%Y-%m-%d %H:%M:%S}"
    token = auth.create_token(name, SCOPES, actor=principal.label)
    # This server's own port, by the name it was asked by: others it may not answer to.
    url = f"http://127.0.0.1:{request.environ['SERVER_PORT']}"
    sale = Sale(Target(url, token, request.host), PLAN)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    Thread(target=rehearse, args=(app, sale, name), daemon=True).start()
    return PLAN


def rehearse(app: Flask, sale: Sale, token: str) -> None:
    """Run it to its end, and leave nothing of it but its orders."""
    with app.app_context():
        try:
            sale.prepare()
            tally = sale.run()
            log.info(
                "rehearsal ended",
                accepted=tally.accepted,
                refused=tally.refused,
                errors=dict(tally.errors),
            )
        except Impossible as error:
            log.warning("rehearsal failed", why=str(error))
        finally:
            auth.revoke_token(token, shop.now())
            redis.commands.delete(RUNNING)
