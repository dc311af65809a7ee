"""Signing in by a link from the command line."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

import shop
from blueprints.auth import service
from tests import cast
from tests.auth.steps import csrf_in, said, sign_in

Later = Callable[..., None]


@pytest.fixture
def link(small: Flask, paula: str) -> str:
    """A fresh link of Paula's."""
    with small.app_context():
        return f"/login?token={service.create_link(service.get_user(paula), shop.now())}"


def test_opening_it_ends_on_the_dashboard(visitor: FlaskClient, link: str) -> None:
    answer = visitor.get(link)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert said(visitor.get("/small/people"))["name"] == "paula"


def test_it_never_leaves_in_a_referrer_nor_stays_in_a_cache(
    visitor: FlaskClient, link: str
) -> None:
    answer = visitor.get(link)

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_works_once(small: Flask, visitor: FlaskClient, link: str) -> None:
    visitor.get(link)
    second = small.test_client()

    answer = second.get(link, follow_redirects=True)

    assert answer.request.full_path == "/login?"  # away from the address with the secret
    assert "used already or is too old" in answer.text
    assert second.get("/small/people").status_code == 401


def test_of_many_who_race_for_it_one_gets_in(small: Flask, link: str) -> None:
    def use(_: int) -> bool:
        with small.app_context():
            return service.use_link(link.partition("=")[2], shop.now()) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(8))) == [False] * 7 + [True]


def test_the_browser_that_opened_it_may_open_it_again(visitor: FlaskClient, link: str) -> None:
    visitor.get(link)

    assert visitor.get(link).headers["Location"] == "/"


def test_it_ends_after_a_quarter_of_an_hour(visitor: FlaskClient, link: str, later: Later) -> None:
    later(minutes=service.LINK_MINUTES)

    assert visitor.get(link).headers["Location"] == "/login"


def test_a_new_password_ends_links_made_before(
    small: Flask, visitor: FlaskClient, paula: str, link: str
) -> None:
    with small.app_context():
        service.set_password(paula, "another horse")

    assert visitor.get(link).headers["Location"] == "/login"


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "WhatsApp/2.23.20.0"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"X-Moz": "prefetch"},
    ],
)
def test_looking_ahead_does_not_use_it_up(
    visitor: FlaskClient, link: str, headers: dict[str, str]
) -> None:
    page = visitor.get(link, headers=headers)

    assert page.status_code == 200
    assert "paula" not in page.text
    assert visitor.get("/small/people").status_code == 401
    assert visitor.get(link).status_code == 303


def test_a_head_request_does_not_use_it_up(visitor: FlaskClient, link: str) -> None:
    assert visitor.head(link).status_code == 200
    assert visitor.get(link).status_code == 303


def test_whoever_was_taken_for_a_previewer_gets_in_by_the_button(
    visitor: FlaskClient, link: str
) -> None:
    page = visitor.get(link, headers={"User-Agent": "Skype preview"})
    form = {"token": link.partition("=")[2], "csrf_token": csrf_in(page)}

    assert visitor.post("/login", data=form).status_code == 303
    assert visitor.get("/small/people").status_code == 200


def test_somebody_elses_link_changes_who_is_signed_in(vera: cast.Person, link: str) -> None:
    vera.client.get(link)

    assert said(vera.client.get("/small/people"))["name"] == "paula"


@pytest.mark.parametrize("secret", ["nonsense", "x" * 5000, "%00", "' OR 1=1 --", "%ff%fe"])
def test_a_wrong_one_leads_to_the_form(visitor: FlaskClient, secret: str) -> None:
    answer = visitor.get(f"/login?token={secret}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert sign_in(visitor, "nobody@shop.test").status_code == 401
