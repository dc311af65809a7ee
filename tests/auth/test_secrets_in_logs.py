"""What is secret is in no log line."""

from flask import Flask

import shop
from blueprints.auth import service
from tests import cast
from tests.conftest import TokenFactory
from tests.live import Live


def test_no_secret_is_logged(
    app: Flask, site: Live, token: TokenFactory, viewer: cast.Person
) -> None:
    with app.app_context():
        link = service.create_link(service.get_user(viewer.email), shop.now())
        wall = service.create_display("wall")
    till = token("stream:read")

    assert site.get(f"/login?token={link}").status == 303
    assert site.get(f"/display/{wall}").status == 303
    assert site.get("/api/orders", token=till).status == 200
    assert site.get("/api/orders", headers=viewer.headers).status == 200
    assert site.get(f"/api/orders?token={till}").status == 401

    log = site.log
    assert "/login" in log  # else nothing was looked at
    assert "/display/" in log
    for secret in (link, wall, till, str(viewer.cookie), str(viewer.session["_user_id"])):
        assert secret not in log
