"""What every answer tells the browser."""

import re

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from tests import cast

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize(
    "path", ["/login", "/small/open", "/small/look", "/small/bare", "/nowhere", "/static/none.js"]
)
def test_every_answer_has_them_errors_included(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path, headers={"Accept": "text/html"})

    for name, value in EVERYWHERE.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_a_page_runs_its_own_scripts_and_none_written_into_it(small: Flask) -> None:
    with small.test_request_context("/login"):
        page = small.make_response(render_template_string('<script nonce="{{ csp_nonce() }}">'))
        answer = small.process_response(page)

    nonce = re.search('nonce="(.+)"', answer.get_data(as_text=True))
    assert nonce
    policy = answer.headers["Content-Security-Policy"]
    assert f"script-src 'self' 'nonce-{nonce[1]}';" in policy
    assert "style-src 'self';" in policy


def test_the_nonce_is_never_the_same_twice(visitor: FlaskClient) -> None:
    policies = {visitor.get("/login").headers["Content-Security-Policy"] for _ in range(5)}

    assert len(policies) == 5


def test_only_over_tls_is_tls_asked_for(visitor: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in visitor.get("/login").headers
    secure = visitor.get("/login", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_what_only_some_may_see_is_not_kept(vera: cast.Person, visitor: FlaskClient) -> None:
    assert vera.client.get("/small/look").headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in visitor.get("/small/open").headers


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80", "shop.test.evil.test", "a b", ""])
def test_other_hosts_are_refused(
    small: Flask, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setitem(small.config, "TRUSTED_HOSTS", ["shop.test", ".shop.test"])

    assert visitor.get("/login", headers={"Host": "shop.test"}).status_code == 200
    assert visitor.get("/login", headers={"Host": "eu.shop.test:8000"}).status_code == 200
    assert visitor.get("/login", headers={"Host": host}).status_code == 400


def test_trusted_hosts_include_the_public_address(small: Flask) -> None:
    settings = small.config["SETTINGS"]

    def hosts(trusted: str, public: str) -> list[str] | None:
        found: list[str] | None = settings.model_copy(
            update={"trusted_hosts": trusted, "public_url": public}
        ).hosts
        return found

    assert hosts("", "") is None
    assert hosts("", "https://shop.test") is None
    assert hosts("a.test, b.test", "") == ["a.test", "b.test"]
    assert hosts("a.test", "https://shop.test/x") == ["a.test", "shop.test"]
