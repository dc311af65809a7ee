"""Open streams end with the right to them, and nobody else's do."""

import time

import pytest
from flask import Flask

import shop
from blueprints.auth import service
from tests import cast
from tests.conftest import TokenFactory
from tests.live import Live
from tests.sse import Stream

LIMIT_SECONDS = 15


def screen_of(site: Live, secret: str) -> dict[str, str]:
    """The cookie a display's browser gets."""
    opened = site.get(f"/display/{secret}")
    return {"Cookie": opened.headers["Set-Cookie"].partition(";")[0]}


def test_streams_end_within_fifteen_seconds_of_the_right_to_them(
    app: Flask, site: Live, token: TokenFactory, operator: cast.Person, viewer: cast.Person
) -> None:
    removed = cast.signed_in(app, "rita@shop.test", "viewer")
    changed = cast.signed_in(app, "carl@shop.test", "viewer")
    with app.app_context():
        wall = service.create_display("wall")
        till = service.create_token("till", ["stream:read"])
    url = f"{site.url}/api/stream/metrics"

    ending = {
        "token": Stream(url, till),
        "display": Stream(url, headers=screen_of(site, wall)),
        "sign-out": Stream(url, headers=operator.headers),
        "new password": Stream(url, headers=changed.headers),
        "removal": Stream(url, headers=removed.headers),
    }
    staying = [Stream(url, token("stream:read")), Stream(url, headers=viewer.headers)]
    for stream in (*ending.values(), *staying):
        stream.until("init")

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
    for stream in (*ending.values(), *staying):
        stream.close()


def test_who_lost_the_right_cannot_come_back(app: Flask, site: Live, operator: cast.Person) -> None:
    assert site.get("/api/orders", headers=operator.headers).status == 200
    with app.app_context():
        service.set_password(operator.email, "another horse")

    assert site.get("/", headers={**operator.headers, "Accept": "text/html"}).status == 302
    assert site.get("/api/orders", headers=operator.headers).status == 401
