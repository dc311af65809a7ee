"""Changes that another site makes a signed-in browser ask for."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.auth.steps import bearer, said


def test_a_change_needs_the_pages_token(oscar: cast.Person) -> None:
    assert oscar.client.post("/small/act").status_code == 200

    del oscar.client.environ_base["HTTP_X_CSRFTOKEN"]
    answer = oscar.client.post("/small/act")

    assert answer.status_code == 403
    assert said(answer)["type"].endswith("/csrf")


def test_a_form_may_carry_it_as_a_field(oscar: cast.Person) -> None:
    del oscar.client.environ_base["HTTP_X_CSRFTOKEN"]

    answer = oscar.client.post("/small/act", data={"csrf_token": oscar.csrf_token})

    assert answer.status_code == 200


def test_somebody_elses_token_does_not_do(oscar: cast.Person, vera: cast.Person) -> None:
    answer = oscar.client.post("/small/act", headers={"X-CSRFToken": vera.csrf_token})

    assert answer.status_code == 403


def test_a_page_open_for_days_still_works(oscar: cast.Person, later: Callable[..., None]) -> None:
    for _ in range(5):
        later(hours=11)
        assert oscar.client.post("/small/act").status_code == 200


def test_programs_need_none(visitor: FlaskClient, program: Callable[..., str]) -> None:
    answer = visitor.post("/small/program", headers=bearer(program("orders:write")))

    assert answer.status_code == 200


def test_public_beacons_need_none(visitor: FlaskClient) -> None:
    assert visitor.post("/small/open").status_code == 200


def test_signing_in_needs_one(visitor: FlaskClient, paula: str) -> None:
    answer = visitor.post("/login", data={"email": paula, "password": cast.PASSWORD})

    assert answer.status_code == 403


@pytest.mark.parametrize("referrer", [None, "https://evil.test/", "http://localhost/"])
def test_over_tls_it_must_come_from_our_own_page(
    small: Flask, referrer: str | None, oscar: cast.Person
) -> None:
    browser = small.test_client(use_cookies=False)
    headers = {"Cookie": f"__Host-flashboard={oscar.cookie}", "X-CSRFToken": oscar.csrf_token}
    at = {"base_url": "https://localhost"}

    foreign = headers | ({"Referer": referrer} if referrer else {})
    assert browser.post("/small/act", headers=foreign, **at).status_code == 403
    own = headers | {"Referer": "https://localhost/"}
    assert browser.post("/small/act", headers=own, **at).status_code == 200


def test_a_browser_gets_a_page_that_says_what_to_do(visitor: FlaskClient) -> None:
    answer = visitor.post("/login", headers={"Accept": "text/html"})

    assert answer.mimetype == "text/html"
    assert "Load the page again" in answer.text
