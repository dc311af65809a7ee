"""Programs' tokens: what they cost, and how soon one that was revoked stops working."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import shop
from blueprints.auth import identities, service
from blueprints.auth.models import Token
from blueprints.auth.principals import Principal
from blueprints.auth.requires import still_valid
from extensions import db
from tests.auth.steps import bearer, said

Later = Callable[..., None]
Program = Callable[..., str]
Queries = Callable[[], AbstractContextManager[list[str]]]


def test_only_its_hash_is_kept(small: Flask, program: Program) -> None:
    secret = program("stream:read")

    with small.app_context():
        kept = db.session.scalars(select(Token)).one()
    assert secret.startswith("fb_")
    assert len(secret) > 40
    assert kept.prefix == secret[:8]
    assert secret not in str(vars(kept))


def test_the_same_token_again_asks_postgres_nothing(
    visitor: FlaskClient, program: Program, queries: Queries
) -> None:
    headers = bearer(program("orders:write"))
    assert visitor.get("/small/program", headers=headers).status_code == 200

    with queries() as asked:
        for _ in range(20):
            assert visitor.get("/small/program", headers=headers).status_code == 200

    assert asked == []


def test_its_last_use_is_written_once_a_minute(
    visitor: FlaskClient, program: Program, queries: Queries, later: Later
) -> None:
    headers = bearer(program("orders:write"))

    with queries() as asked:
        for _ in range(6):
            visitor.get("/small/program", headers=headers)
            later(seconds=4)
    assert sum(statement.startswith("UPDATE") for statement in asked) == 1

    later(seconds=60)
    with queries() as asked:
        visitor.get("/small/program", headers=headers)
    assert sum(statement.startswith("UPDATE") for statement in asked) == 1


def test_revoked_it_is_refused_within_five_seconds(
    small: Flask, visitor: FlaskClient, program: Program, later: Later
) -> None:
    headers = bearer(program("stream:read", name="till"))
    key = said(visitor.get("/small/look", headers=headers))["key"]

    with small.app_context():
        service.revoke_token("till", shop.now())
        assert still_valid([key]) == set()
    later(seconds=identities.FORGET_AFTER_SECONDS)

    assert visitor.get("/small/look", headers=headers).status_code == 401


def test_one_request_looks_again_while_the_others_go_on(
    small: Flask, program: Program, later: Later, queries: Queries
) -> None:
    secret = program("orders:write")
    key = ("token", service.hash_of(secret))
    with small.app_context():
        identities.token(secret)
    memory = small.extensions["identities"]
    later(seconds=identities.REFRESH_AFTER_SECONDS)

    assert memory.get(key) is None  # this one asks Postgres
    assert memory.get(key) is not None  # these do not wait for it
    assert memory.get(key) is not None


def test_of_all_who_ask_at_once_one_asks_postgres() -> None:
    memory = identities.Memory()
    principal = Principal("token", "token:1", "", "", "")
    asked: list[str] = []
    waiting = threading.Barrier(5)
    answer = threading.Event()

    def find(hash: str) -> Principal:
        asked.append(hash)
        assert answer.wait(10)
        return principal

    def ask(_number: int) -> Principal | None:
        waiting.wait(10)
        return memory.get(key) or memory.found_once(key, find)

    key = ("token", "its hash")
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(ask, range(4))
        waiting.wait(10)
        answer.set()
        assert list(found) == [principal] * 4
    assert asked == ["its hash"]
    assert memory.asking == {}


def test_who_waits_for_another_is_told_of_its_failure() -> None:
    memory = identities.Memory()
    key = ("token", "its hash")

    def never(_hash: str) -> Principal:
        raise AssertionError("asked although another is asking")

    with ThreadPoolExecutor(1) as pool:
        first = memory.asking[key] = Future()
        second = pool.submit(memory.found_once, key, never)
        first.set_exception(ConnectionError("Postgres went away"))
        with pytest.raises(ConnectionError):
            second.result(10)


def test_a_failure_is_not_remembered() -> None:
    memory = identities.Memory()
    key = ("token", "its hash")

    def broken(_hash: str) -> Principal:
        raise ConnectionError("Postgres went away")

    with pytest.raises(ConnectionError):
        memory.found_once(key, broken)
    assert memory.asking == {}
    assert memory.found_once(key, lambda _hash: None) is None


def test_guesses_do_not_fill_the_memory(small: Flask, visitor: FlaskClient) -> None:
    for number in range(20):
        assert visitor.get("/small/look", headers=bearer(f"fb_{number}")).status_code == 401

    assert small.extensions["identities"].entries == {}


def test_the_memory_is_bounded(small: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identities, "REMEMBERED", 3)
    memory = identities.Memory()
    for number in range(10):
        memory.put(("token", str(number)), Principal("token", f"token:{number}", "", "", ""))

    assert len(memory.entries) <= 3


def test_a_name_can_be_used_again_once_its_token_is_revoked(small: Flask) -> None:
    with small.app_context():
        service.create_token("till", ["orders:write"])
        with pytest.raises(service.Taken):
            service.create_token("till", ["orders:write"])
        service.revoke_token("till", shop.now())
        service.create_token("till", ["orders:write"])


@pytest.mark.parametrize("scopes", [[], ["orders:read"], ["orders:write", "everything"]])
def test_scopes_that_do_not_exist_are_refused(small: Flask, scopes: list[str]) -> None:
    with small.app_context(), pytest.raises(service.Invalid, match="orders:write"):
        service.create_token("till", scopes)


def test_nothing_is_held_after_a_request(
    small: Flask, visitor: FlaskClient, program: Program
) -> None:
    visitor.get("/small/look", headers=bearer(program("stream:read")))

    with small.app_context():
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
