"""With Redis away nobody guesses passwords, and everyone who is in stays in."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from blueprints.auth import service
from blueprints.auth.requires import requires
from config import Settings
from extensions import db, limiter, redis
from tests import cast
from tests.auth.steps import open_link, sign_in

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def severed(app: Flask, small: Flask, servers: object) -> Iterator[Flask]:
    """An app on the same Postgres whose Redis is nowhere."""
    settings = small.config["SETTINGS"].model_copy(update={"redis_url": NOWHERE})
    assert isinstance(settings, Settings)
    severed = create_app(settings)
    view = limiter.limit("3 per minute")(requires(role="viewer")(lambda: {"ok": True}))
    severed.add_url_rule("/small/people", "small_people", view)
    yield severed
    with severed.app_context():
        db.engine.dispose()
    redis.init_app(small)
    limiter.init_app(small)


def test_signing_in_by_password_is_closed(severed: Flask) -> None:
    with severed.app_context():
        service.add_user("paula@shop.test", cast.PASSWORD, "operator")
    browser = severed.test_client()

    answer = sign_in(browser, "paula@shop.test")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert browser.get("/small/people").status_code == 401


def test_links_and_sign_ins_still_work(severed: Flask) -> None:
    link = severed.test_cli_runner().invoke(args=["users", "link"]).output
    browser: FlaskClient = severed.test_client()

    assert open_link(browser, link).status_code == 303
    assert browser.get("/small/people").status_code == 200


def test_limits_of_routes_are_counted_in_memory(severed: Flask) -> None:
    vera = cast.signed_in(severed, "vera@shop.test", "viewer")

    got = [vera.client.get("/small/people").status_code for _ in range(5)]

    assert got == [200, 200, 200, 429, 429]
