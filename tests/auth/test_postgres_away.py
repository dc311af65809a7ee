"""With Postgres away nobody new gets in, and whoever watches goes on watching."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app import create_app
from blueprints.auth import identities
from blueprints.auth.principals import Principal
from blueprints.auth.requires import requires, still_valid
from blueprints.auth.service import hash_of
from extensions import limiter, redis
from tests.auth.steps import bearer, said

NOWHERE = "postgresql+psycopg2://nobody@/nothing?host=/nonexistent"
KNOWN = Principal(
    "token", "token:1", "token:1", "till", "token till", scopes=frozenset({"stream:read"})
)


@pytest.fixture
def severed(small: Flask) -> Iterator[Flask]:
    """An app whose Postgres is nowhere, and which knew one token when it went away."""
    settings = small.config["SETTINGS"].model_copy(update={"database_url": NOWHERE})
    severed = create_app(settings)
    for name, passive in (("look", False), ("follow", True)):
        rule = requires("stream:read", role="viewer", passive=passive)
        severed.add_url_rule(f"/small/{name}", f"small_{name}", rule(lambda: {"ok": True}))
    severed.extensions["identities"].put(("token", hash_of("fb_known")), KNOWN)
    yield severed
    redis.init_app(small)
    limiter.init_app(small)


@pytest.fixture
def aged(severed: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets what is remembered grow old."""

    def age(seconds: float) -> None:
        memory = severed.extensions["identities"]
        clock = memory.clock
        monkeypatch.setattr(memory, "clock", lambda: clock() + seconds)

    return age


def test_open_streams_stay(severed: Flask) -> None:
    keys = {"user:3:57", "token:1", "display:2"}

    with severed.app_context():
        assert still_valid(keys) == keys


def test_a_stream_known_before_comes_back(severed: Flask, aged: Callable[[float], None]) -> None:
    aged(identities.OUTAGE_SECONDS - 1)

    answer = severed.test_client().get("/small/follow", headers=bearer("fb_known"))

    assert said(answer) == {"ok": True}


def test_but_not_for_ever(severed: Flask, aged: Callable[[float], None]) -> None:
    aged(identities.OUTAGE_SECONDS)

    answer = severed.test_client().get("/small/follow", headers=bearer("fb_known"))

    assert answer.status_code == 503


@pytest.mark.parametrize(("path", "secret"), [("look", "fb_known"), ("follow", "fb_other")])
def test_everything_else_says_that_it_cannot_tell(
    severed: Flask, aged: Callable[[float], None], path: str, secret: str
) -> None:
    aged(identities.FORGET_AFTER_SECONDS)

    answer = severed.test_client().get(f"/small/{path}", headers=bearer(secret))

    assert answer.status_code == 503
    assert said(answer)["title"] == "The database is not available right now"
