"""The people of the tests, as their browsers know them: a cookie, and the token against forgery."""

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

import shop
from blueprints.auth import service

PASSWORD = "correct horse battery staple"


@dataclass
class Person:
    """Somebody with a browser; signed in unless a stranger."""

    app: Flask
    email: str
    role: str | None
    session: dict[str, Any]
    csrf_token: str

    @property
    def cookie(self) -> str | None:
        """The value of the session cookie; it is good at any server with the same database."""
        if not self.session:
            return None
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return str(signer.dumps(self.session))

    @property
    def cookie_name(self) -> str:
        """What the session cookie is called."""
        return str(self.app.config["SESSION_COOKIE_NAME"])

    @property
    def headers(self) -> dict[str, str]:
        """For requests to a live server, as the page's own script sends them."""
        if self.cookie is None:
            return {}
        return {"Cookie": f"{self.cookie_name}={self.cookie}", "X-CSRFToken": self.csrf_token}

    @cached_property
    def client(self) -> FlaskClient:
        """Flask's test client, as this person."""
        client = self.app.test_client()
        if self.cookie is not None:
            client.set_cookie(self.cookie_name, self.cookie)
            client.environ_base["HTTP_X_CSRFTOKEN"] = self.csrf_token
        return client

    def enter(self, page: Any, url: str) -> None:
        """Give a Playwright page this person's cookie, and open the address."""
        if self.cookie is not None:
            page.context.add_cookies([{"name": self.cookie_name, "value": self.cookie, "url": url}])
        page.goto(url)


def signed_in(app: Flask, email: str, role: str) -> Person:
    """Somebody new, signed in without going through the page; their password is PASSWORD.

    Hashing it takes longer than most tests, so it is not set: tests of passwords set it.
    """
    with app.app_context():
        user = service.add_user(email, None, role)
        secret = service.sign_in(user, shop.now(), "link", "127.0.0.1")
    raw = secrets.token_hex(20)
    session = {"_user_id": secret, "_fresh": True, "csrf_token": raw}
    signer = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")
    return Person(app, email, role, session, str(signer.dumps(raw)))


def stranger(app: Flask) -> Person:
    """Somebody who never signed in."""
    return Person(app, "mallory@elsewhere.test", None, {}, "")
