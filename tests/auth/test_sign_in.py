"""Signing in with a password."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from blueprints.auth import attempts, passwords, service
from blueprints.auth.models import AuditEntry
from extensions import db
from problems import Problem
from tests import cast
from tests.auth.steps import csrf_in, said, sign_in

WRONG = "The e-mail address or the password is not right."


def test_the_right_password_opens_the_dashboard(visitor: FlaskClient, paula: str) -> None:
    answer = sign_in(visitor, paula)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert said(visitor.get("/small/people"))["name"] == "paula"


def test_case_and_space_around_the_address_do_not_matter(visitor: FlaskClient, paula: str) -> None:
    assert sign_in(visitor, f" {paula.upper()} ").status_code == 303


def test_it_leads_back_to_where_one_was_going(visitor: FlaskClient, paula: str) -> None:
    answer = sign_in(visitor, paula, next="/small/page?hide=revenue")

    assert answer.headers["Location"] == "/small/page?hide=revenue"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "javascript:alert(1)",
        "http:evil.test",
        "evil.test",
        "///evil.test",
        "/logout",
        "//[",
        "",
    ],
)
def test_it_never_leads_to_another_site(visitor: FlaskClient, paula: str, target: str) -> None:
    assert sign_in(visitor, paula, next=target).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("paula@shop.test", "wrong horse"),
        ("nobody@shop.test", cast.PASSWORD),
        ("", ""),
        ("not an address", cast.PASSWORD),
        ("paula@shop.test\x00", cast.PASSWORD),
        ("' OR 1=1 --@x", "' OR 1=1 --"),
        ("paula@shop.test", "x" * 10_000),
    ],
)
def test_whatever_is_wrong_gets_the_same_answer(
    visitor: FlaskClient, paula: str, email: str, password: str
) -> None:
    answer = sign_in(visitor, email, password)

    assert answer.status_code == 401
    assert WRONG in answer.text
    assert visitor.get("/small/people").status_code == 401


def test_an_unknown_address_costs_the_same_hash(
    small: Flask, paula: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = []
    verify = passwords._verify

    def note(password_hash: str, password: str) -> bool:
        verified.append(password_hash.split("$")[1:4])
        return verify(password_hash, password)

    monkeypatch.setattr(passwords, "_verify", note)
    with small.app_context():
        service.verify_password(paula, "wrong horse")
        service.verify_password("nobody@shop.test", "wrong horse")

    assert len(verified) == 2
    assert verified[0] == verified[1]


def test_no_connection_is_held_while_hashing(
    small: Flask, paula: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    matches = passwords.matches

    def note(*arguments: str) -> bool:
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return matches(*arguments)

    monkeypatch.setattr(passwords, "matches", note)
    with small.app_context():
        assert service.verify_password(paula, cast.PASSWORD)

    assert held == [0]


def test_somebody_without_a_password_cannot_guess_one(
    visitor: FlaskClient, vera: cast.Person
) -> None:
    assert sign_in(visitor, vera.email, "").status_code == 401
    assert sign_in(visitor, vera.email, "no account has this password").status_code == 401


def test_a_session_planted_before_signing_in_does_not_go_on(
    visitor: FlaskClient, paula: str
) -> None:
    before = csrf_in(visitor.get("/login"))
    with visitor.session_transaction() as session:
        session["planted"] = "by somebody else"
        old_token = session["csrf_token"]

    sign_in(visitor, paula)

    with visitor.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != old_token
    answer = visitor.post("/small/people", headers={"X-CSRFToken": before})
    assert answer.status_code == 403


def test_too_many_attempts_are_refused_until_a_quarter_of_an_hour_has_passed(
    visitor: FlaskClient, paula: str
) -> None:
    for _ in range(attempts.PER_ADDRESS_AND_EMAIL.amount):
        assert sign_in(visitor, paula, "wrong horse").status_code == 401

    answer = sign_in(visitor, paula)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 15 * 60
    assert visitor.get("/small/people").status_code == 401


def test_getting_in_forgives_ones_mistypes(visitor: FlaskClient, paula: str) -> None:
    for _ in range(2):
        for _ in range(attempts.PER_ADDRESS_AND_EMAIL.amount - 1):
            sign_in(visitor, paula, "wrong horse")
        assert sign_in(visitor, paula).status_code == 303
        visitor.delete_cookie("flashboard")


def test_one_address_cannot_try_every_account(
    small: Flask,
) -> None:
    with small.app_context():
        for number in range(attempts.PER_ADDRESS.amount):
            attempts.count(f"p{number}@shop.test", "2001:db8::1")

    with small.app_context(), pytest.raises(Problem) as refused:
        attempts.count("next@shop.test", "2001:db8::2")  # of the same customer's network

    assert refused.value.status == 429


def test_sign_ins_and_failures_are_in_the_audit_log(
    small: Flask, visitor: FlaskClient, paula: str
) -> None:
    sign_in(visitor, paula, "wrong horse")
    sign_in(visitor, "typed my password here", "oops")
    sign_in(visitor, paula)

    with small.app_context():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        said = [(entry.actor, entry.action, entry.target) for entry in entries]
    assert said == [
        ("command line", "user.add", paula),
        ("nobody", "sign-in.failed", paula),
        ("nobody", "sign-in.failed", ""),
        (paula, "sign-in", paula),
    ]
    assert entries[-1].detail == {"by": "password", "address": "127.0.0.1"}


def test_the_page_says_nothing_of_who_exists_and_is_not_kept(visitor: FlaskClient) -> None:
    page = visitor.get("/login")

    assert page.headers["Cache-Control"] == "no-store"


def test_somebody_signed_in_is_led_on(vera: cast.Person) -> None:
    assert vera.client.get("/login?next=/small/page").headers["Location"] == "/small/page"
