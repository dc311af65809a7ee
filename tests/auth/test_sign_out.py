"""Signing out, and the other ways a sign-in ends."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from blueprints.auth import service
from blueprints.auth.models import SignIn
from blueprints.auth.requires import still_valid
from extensions import db
from tests import cast
from tests.auth.steps import csrf_in, said, sign_in

Later = Callable[..., None]


def key_of(person: cast.Person) -> str:
    return str(said(person.client.get("/small/people"))["key"])


def valid(small: Flask, *keys: str) -> set[str]:
    with small.app_context():
        return still_valid(keys)


def test_signing_out_ends_this_browser_and_its_streams_only(small: Flask, paula: str) -> None:
    here, there = small.test_client(), small.test_client()
    for browser in (here, there):
        sign_in(browser, paula)
    keys = [said(browser.get("/small/people"))["key"] for browser in (here, there)]

    answer = here.post("/logout", headers={"X-CSRFToken": csrf_in(here.get("/small/form"))})

    assert answer.headers["Location"] == "/login"
    assert here.get("/small/people").status_code == 401
    assert there.get("/small/people").status_code == 200
    assert valid(small, *keys) == {keys[1]}


def test_the_cookie_kept_from_before_is_worth_nothing(oscar: cast.Person) -> None:
    stolen = {"Cookie": f"{oscar.cookie_name}={oscar.cookie}"}
    thief = oscar.app.test_client(use_cookies=False)
    assert thief.get("/small/people", headers=stolen).status_code == 200

    oscar.client.post("/logout")

    assert thief.get("/small/people", headers=stolen).status_code == 401
    assert thief.get("/small/follow", headers=stolen).status_code == 401


def test_a_link_on_another_site_cannot_sign_one_out(oscar: cast.Person) -> None:
    assert oscar.client.get("/logout").status_code == 405
    del oscar.client.environ_base["HTTP_X_CSRFTOKEN"]
    assert oscar.client.post("/logout").status_code == 403
    assert oscar.client.get("/small/people").status_code == 200


def test_a_new_password_ends_every_sign_in_and_stream(small: Flask, paula: str) -> None:
    browser = small.test_client()
    sign_in(browser, paula)
    key = said(browser.get("/small/people"))["key"]

    with small.app_context():
        service.set_password(paula, "another horse")

    assert browser.get("/small/people").status_code == 401
    assert valid(small, key) == set()
    assert sign_in(browser, paula).status_code == 401
    assert sign_in(browser, paula, "another horse").status_code == 303


def test_a_password_changed_while_it_is_checked_makes_the_sign_in_void(
    small: Flask, visitor: FlaskClient, paula: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = service.verify_password

    def change_in_between(email: str, password: str) -> object:
        user = checked(email, password)
        service.set_password(paula, "another horse")
        return user

    monkeypatch.setattr(service, "verify_password", change_in_between)

    assert sign_in(visitor, paula).status_code == 303
    assert visitor.get("/small/people").status_code == 401


def test_whoever_is_removed_is_out(small: Flask, oscar: cast.Person) -> None:
    key = key_of(oscar)

    with small.app_context():
        service.remove_user(oscar.email)

    assert oscar.client.get("/small/people").status_code == 401
    assert valid(small, key) == set()


def test_twelve_idle_hours_end_a_sign_in(small: Flask, oscar: cast.Person, later: Later) -> None:
    key = key_of(oscar)
    later(hours=11, minutes=59)
    assert oscar.client.get("/small/people").status_code == 200
    later(hours=11, minutes=59)
    assert oscar.client.get("/small/people").status_code == 200
    assert valid(small, key) == {key}

    later(hours=12)

    assert valid(small, key) == set()
    assert oscar.client.get("/small/people").status_code == 401


def test_a_stream_does_not_keep_a_sign_in_alive(oscar: cast.Person, later: Later) -> None:
    for _ in range(3):
        assert oscar.client.get("/small/follow").status_code == 200
        later(hours=4)

    assert oscar.client.get("/small/follow").status_code == 401


def test_being_there_is_written_once_a_minute(
    small: Flask, oscar: cast.Person, later: Later, queries: Callable[..., object]
) -> None:
    oscar.client.get("/small/people")
    with queries() as asked:  # type: ignore[attr-defined]
        oscar.client.get("/small/people")
    assert [statement.split()[0] for statement in asked] == ["SELECT"]

    later(seconds=61)
    with queries() as asked:  # type: ignore[attr-defined]
        oscar.client.get("/small/people")
    assert [statement.split()[0] for statement in asked] == ["SELECT", "UPDATE"]


def test_old_sign_ins_are_cleared_away(
    small: Flask, visitor: FlaskClient, paula: str, later: Later
) -> None:
    sign_in(visitor, paula)
    later(days=service.KEEP_SIGN_INS_DAYS + 1)
    sign_in(visitor, paula)

    with small.app_context():
        assert len(db.session.scalars(select(SignIn)).all()) == 1
