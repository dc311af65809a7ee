"""Open streams end with the right to them, and nobody else's do."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

import shop
from blueprints.auth import service
from tests import cast
from tests.conftest import TokenFactory
from tests.live import Live
from tests.sse import Stream

LIMIT_SECONDS = 15


@pytest.fixture
def opened() -> Iterator[Callable[..., Stream]]:
    """Opens streams that have begun, and closes them after the test."""
    with ExitStack() as stack:

        def open_stream(*arguments: str, **options: Any) -> Stream:
            stream = stack.enter_context(Stream(*arguments, **options))
            stream.until("init")
            return stream

        yield open_stream


def screen_of(site: Live, secret: str) -> dict[str, str]:
    """The cookie a display's browser gets."""
    opened = site.get(f"/display/{secret}")
    return {"Cookie": opened.headers["Set-Cookie"].partition(";")[0]}


def test_streams_end_within_fifteen_seconds_of_the_right_to_them(
    app: Flask,
    site: Live,
    token: TokenFactory,
    operator: cast.Person,
    viewer: cast.Person,
    opened: Callable[..., Stream],
) -> None:
    removed = cast.signed_in(app, "rita@shop.test", "viewer")
    changed = cast.signed_in(app, "carl@shop.test", "viewer")
    with app.app_context():
        wall = service.create_display("wall")
        till = service.create_token("till", ["stream:read"])
    url = f"{site.url}/api/stream/metrics"

    ending = {
        "token": opened(url, till),
        "display": opened(url, headers=screen_of(site, wall)),
        "sign-out": opened(url, headers=operator.headers),
        "new password": opened(url, headers=changed.headers),
        "removal": opened(url, headers=removed.headers),
    }
    staying = [opened(url, token("stream:read")), opened(url, headers=viewer.headers)]

    began = time.monotonic()
    assert site.post("/logout", headers=operator.headers).status == 303
    with app.app_context():
        service.revoke_token("till", shop.now())
        service.revoke_display("wall", shop.now())
        service.set_password(changed.email, "another horse")
        service.remove_user(removed.email)

    for why, stream in ending.items():
        left = LIMIT_SECONDS - (time.monotonic() - began)
        try:
            stream.wait_end(max(left, 0.1))
        except TimeoutError:
            pytest.fail(f"still open {LIMIT_SECONDS} s after: {why}")
    alert = {"severity": "info", "message": "still here?"}
    assert site.post("/api/alerts", alert, token=token("alerts:write")).status == 201
    for stream in staying:
        assert stream.until("alerts").data["message"] == "still here?"


def test_who_lost_the_right_cannot_come_back(app: Flask, site: Live, operator: cast.Person) -> None:
    assert site.get("/api/orders", headers=operator.headers).status == 200
    with app.app_context():
        service.set_password(operator.email, "another horse")

    assert site.get("/", headers={**operator.headers, "Accept": "text/html"}).status == 302
    assert site.get("/api/orders", headers=operator.headers).status == 401
