"""Links for a screen on the wall."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

import shop
from blueprints.auth import identities, service
from blueprints.auth.requires import still_valid
from tests import cast
from tests.auth.steps import said


def test_opening_it_makes_the_browser_a_display(visitor: FlaskClient, wall: str) -> None:
    visitor.get(f"/display/small/{wall}")

    seen = said(visitor.get("/small/look"))
    assert (seen["name"], seen["audience"]) == ("wall", "initials")


def test_it_sees_names_only_as_the_owner_chose(
    small: Flask, visitor: FlaskClient, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = small.config["SETTINGS"].model_copy(update={"display_customers": "hidden"})
    monkeypatch.setitem(small.config, "SETTINGS", hidden)
    visitor.get(f"/display/small/{wall}")

    assert said(visitor.get("/small/look"))["audience"] == "hidden"


def test_it_changes_nothing(visitor: FlaskClient, wall: str) -> None:
    visitor.get(f"/display/small/{wall}")

    assert visitor.post("/small/act").status_code == 403
    assert visitor.post("/logout").status_code == 403


def test_its_link_never_leaves_in_a_referrer(visitor: FlaskClient, wall: str) -> None:
    answer = visitor.get(f"/display/small/{wall}")

    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("secret", ["nonsense", "fd_", "%00", "' OR 1=1 --"])
def test_a_wrong_link_is_not_found(visitor: FlaskClient, secret: str) -> None:
    assert visitor.get(f"/display/small/{secret}").status_code == 404
    assert visitor.get("/small/look").status_code == 401


def test_a_revoked_display_goes_dark(
    small: Flask, visitor: FlaskClient, wall: str, later: Callable[..., None]
) -> None:
    visitor.get(f"/display/small/{wall}")
    key = said(visitor.get("/small/look"))["key"]

    with small.app_context():
        service.revoke_display("wall", shop.now())
        assert still_valid([key]) == set()
    later(seconds=identities.FORGET_AFTER_SECONDS)

    assert visitor.get("/small/look").status_code == 401
    assert visitor.get(f"/display/small/{wall}").status_code == 404


def test_an_operator_who_opens_one_stays_an_operator(oscar: cast.Person, wall: str) -> None:
    oscar.client.get(f"/display/small/{wall}")

    assert said(oscar.client.get("/small/look"))["name"] == "oscar"
    # The display's own page asks as a display, whoever else uses the browser.
    assert said(oscar.client.get("/small/look?display=1"))["name"] == "wall"


def test_somebody_who_looks_at_a_displays_page_without_a_link_stays_themselves(
    vera: cast.Person,
) -> None:
    assert said(vera.client.get("/small/look?display=1"))["name"] == "vera"


def test_a_screen_that_hangs_for_months_stays_signed_in(
    visitor: FlaskClient, wall: str, later: Callable[..., None]
) -> None:
    visitor.get(f"/display/small/{wall}")
    assert "Set-Cookie" not in visitor.get("/small/screen").headers

    later(days=1)

    assert "Set-Cookie" in visitor.get("/small/screen").headers
    assert "Set-Cookie" not in visitor.get("/small/follow").headers


def test_opening_it_again_writes_no_cookie(visitor: FlaskClient, wall: str) -> None:
    assert "Set-Cookie" in visitor.get(f"/display/small/{wall}").headers
    assert "Set-Cookie" not in visitor.get(f"/display/small/{wall}").headers
