"""What people and programs do at the door."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import cast


def bearer(token: str) -> dict[str, str]:
    """The header a program sends."""
    return {"Authorization": f"Bearer {token}"}


def said(answer: TestResponse) -> Any:
    """What the answer's JSON says."""
    assert answer.is_json, answer.text
    return answer.json


def csrf_in(page: TestResponse) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def sign_in(
    client: FlaskClient, email: str, password: str = cast.PASSWORD, **fields: str
) -> TestResponse:
    """Open the page and send its form."""
    token = csrf_in(client.get("/login"))
    form = {"email": email, "password": password, "csrf_token": token, **fields}
    return client.post("/login", data=form, headers={"Referer": "https://localhost/login"})


def open_link(client: FlaskClient, link: str) -> TestResponse:
    """Open a link the command line printed."""
    path = link.strip().splitlines()[-1].removeprefix("http://127.0.0.1:8000")
    return client.get(path)
