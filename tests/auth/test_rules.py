"""Everyone is tried on a route of every rule."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.auth.requires import requires
from tests import cast
from tests.auth.steps import bearer, said

Program = Callable[..., str]

# What GET answers:      nobody viewer operator token-with token-without display
EXPECTED = {
    "look": (401, 200, 200, 200, 403, 200),
    "act": (401, 403, 200, 403, 403, 403),
    "program": (401, 403, 403, 403, 200, 403),
    "people": (401, 200, 200, 403, 403, 403),
    "page": (302, 200, 200, 403, 403, 403),
    "maybe": (401, 403, 403, 403, 403, 403),
    "open": (200, 200, 200, 200, 200, 200),
    "bare": (403, 403, 403, 403, 403, 403),
}


@pytest.mark.parametrize(("route", "expected"), EXPECTED.items())
def test_a_route_answers_whom_its_rule_lets_in(
    small: Flask,
    visitor: FlaskClient,
    vera: cast.Person,
    oscar: cast.Person,
    program: Program,
    wall: str,
    route: str,
    expected: tuple[int, ...],
) -> None:
    screen = small.test_client()
    screen.get(f"/display/small/{wall}")
    readers = bearer(program("stream:read", name="reader"))
    writers = bearer(program("orders:write", name="writer"))

    got = (
        visitor.get(f"/small/{route}").status_code,
        vera.client.get(f"/small/{route}").status_code,
        oscar.client.get(f"/small/{route}").status_code,
        visitor.get(f"/small/{route}", headers=readers).status_code,
        visitor.get(f"/small/{route}", headers=writers).status_code,
        screen.get(f"/small/{route}").status_code,
    )

    assert got == expected


def test_a_refusal_says_how_to_get_in(visitor: FlaskClient) -> None:
    answer = visitor.get("/small/look")

    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_is_told_the_scope_it_lacks(visitor: FlaskClient, program: Program) -> None:
    answer = visitor.get("/small/program", headers=bearer(program("ops:read")))

    assert said(answer)["detail"] == "The token needs the scope metrics:write or orders:write."
    assert 'scope="metrics:write orders:write"' in answer.headers["WWW-Authenticate"]


def test_a_viewer_is_told_the_role_it_takes(vera: cast.Person) -> None:
    assert said(vera.client.get("/small/act"))["detail"] == (
        "This takes the role operator; yours is viewer."
    )


def test_a_page_leads_to_the_sign_in_and_back(visitor: FlaskClient) -> None:
    answer = visitor.get("/small/page?cards=orders&hide=revenue")

    assert answer.headers["Location"] == "/login?next=/small/page%3Fcards%3Dorders%26hide%3Drevenue"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer nonsense",
        "Bearer ",
        "Bearer",
        "Basic YTpi",
        "fb_",
        "Bearer \udcff".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_wrong_token_is_refused_even_with_a_good_cookie(oscar: cast.Person, header: str) -> None:
    answer = oscar.client.get("/small/look", headers={"Authorization": header})

    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_route_for_one_setting_opens_to_everyone_with_it(
    small: Flask, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = small.config["SETTINGS"].model_copy(update={"metrics_public": True})
    monkeypatch.setitem(small.config, "SETTINGS", opened)

    assert visitor.get("/small/maybe").status_code == 200


def test_a_misspelt_scope_stops_the_start() -> None:
    with pytest.raises(ValueError, match="stream:raed"):
        requires("stream:raed")


def test_a_preflight_is_answered_without_signing_in(visitor: FlaskClient) -> None:
    assert visitor.options("/small/act").status_code == 200
