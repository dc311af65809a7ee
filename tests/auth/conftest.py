"""An app with a few routes of its own, one for each kind of rule, and somebody for each kind."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import event

import shop
from app import create_app
from blueprints.auth import service
from blueprints.auth.requires import current_principal, public, requires, sign_in_display
from extensions import db
from tests import cast
from tests.servers import Servers

Queries = Callable[[], AbstractContextManager[list[str]]]


def _answer(**_: object) -> dict[str, str]:
    principal = current_principal()
    return {"key": principal.key, "name": principal.name, "audience": principal.audience}


def _form() -> str:
    return render_template_string('<input name="csrf_token" value="{{ csrf_token() }}">')


@pytest.fixture(scope="session")
def _small(migrated_app: Flask, servers: Servers) -> Flask:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in servers.environment.items():
            patch.setenv(name, value)
        app = create_app()
    rules = {
        "look": requires("stream:read", role="viewer", display=True),
        "follow": requires("stream:read", role="viewer", display=True, passive=True),
        "act": requires("products:write", role="operator"),
        "program": requires("metrics:write", "orders:write"),
        "people": requires(role="viewer"),
        "page": requires(role="viewer", page=True),
        "screen": requires(role="viewer", display=True, page=True),
        "maybe": requires("ops:read", open_if="metrics_public"),
        "open": public,
    }
    for name, rule in rules.items():
        view = rule((lambda: {"open": "yes"}) if name in ("open", "maybe") else lambda: _answer())
        app.add_url_rule(f"/small/{name}", f"small_{name}", view, methods=["GET", "POST"])
    app.add_url_rule("/small/form", "small_form", requires(role="viewer")(_form))
    app.add_url_rule("/small/bare", "small_bare", lambda: "never")
    app.add_url_rule(
        "/display/small/<token>",
        "small_display",
        public(lambda token: {"key": sign_in_display(token).key}),
    )
    return app


@pytest.fixture
def small(app: Flask, _small: Flask) -> Flask:
    """The app with small routes, with nothing in Postgres, Redis and memory."""
    _small.extensions["identities"].entries.clear()
    return _small


@pytest.fixture
def visitor(small: Flask) -> FlaskClient:
    """A browser of nobody."""
    return small.test_client()


@pytest.fixture
def vera(small: Flask) -> cast.Person:
    """A viewer, signed in to the small app."""
    return cast.signed_in(small, "vera@shop.test", "viewer")


@pytest.fixture
def oscar(small: Flask) -> cast.Person:
    """An operator, signed in to the small app."""
    return cast.signed_in(small, "oscar@shop.test", "operator")


@pytest.fixture
def paula(small: Flask) -> str:
    """The e-mail address of an operator who signs in with cast.PASSWORD."""
    with small.app_context():
        return service.add_user("paula@shop.test", cast.PASSWORD, "operator").email


@pytest.fixture
def program(small: Flask) -> Callable[..., str]:
    """Makes tokens: `program("orders:write", name="till")`."""

    def make(*scopes: str, name: str = "till") -> str:
        with small.app_context():
            return service.create_token(name, scopes)

    return make


@pytest.fixture
def wall(small: Flask) -> str:
    """The secret of the display "wall"."""
    with small.app_context():
        return service.create_display("wall")


@pytest.fixture
def later(small: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Moves every clock of the small app: `later(hours=12)`."""

    def move(**by: float) -> None:
        moved = timedelta(**by)
        now = shop.now() + moved
        monkeypatch.setattr(shop, "now", lambda: now)
        memory = small.extensions["identities"]
        clock = memory.clock
        monkeypatch.setattr(memory, "clock", lambda: clock() + moved.total_seconds())

    return move


@pytest.fixture
def queries(small: Flask) -> Queries:
    """Notes what a block asks of Postgres: `with queries() as asked: …`."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        with small.app_context():
            engine = db.engine
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return count
