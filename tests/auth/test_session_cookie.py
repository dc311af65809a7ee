"""The session cookie: what a browser is told about it, and what a stream leaves alone."""

from flask.testing import FlaskClient

from tests import cast
from tests.auth.steps import csrf_in, sign_in

SECURE = "https://localhost"


def test_over_http_it_is_out_of_reach_of_scripts_and_other_sites(
    visitor: FlaskClient, paula: str
) -> None:
    cookie = sign_in(visitor, paula).headers["Set-Cookie"]

    assert cookie.startswith("flashboard=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_tls_it_is_secure_and_cannot_be_planted_by_a_neighbour(
    visitor: FlaskClient, paula: str
) -> None:
    token = csrf_in(visitor.get("/login", base_url=SECURE))
    form = {"email": paula, "password": cast.PASSWORD, "csrf_token": token}
    answer = visitor.post(
        "/login", data=form, base_url=SECURE, headers={"Referer": f"{SECURE}/login"}
    )
    cookie = answer.headers["Set-Cookie"]

    assert cookie.startswith("__Host-flashboard=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert visitor.get("/small/people", base_url=SECURE).status_code == 200


def test_a_forged_one_is_worth_nothing(oscar: cast.Person) -> None:
    body, _, signature = str(oscar.cookie).rpartition(".")
    forged = f"{body}.{signature[::-1]}"
    thief = oscar.app.test_client(use_cookies=False)

    answer = thief.get("/small/people", headers={"Cookie": f"flashboard={forged}"})

    assert answer.status_code == 401


def test_neither_a_stream_nor_a_program_gets_one(
    visitor: FlaskClient, paula: str, program: object
) -> None:
    sign_in(visitor, paula)

    assert "Set-Cookie" not in visitor.get("/small/follow").headers
    assert "Set-Cookie" not in visitor.get("/small/open").headers


def test_public_answers_do_not_vary_by_it(visitor: FlaskClient) -> None:
    assert "Vary" not in visitor.get("/small/open").headers
