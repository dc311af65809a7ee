"""The table of routes in docs/security.md is the app's, and no route is without a rule."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from blueprints.auth import routes_table
from blueprints.auth.rules import rule_of

DOCUMENT = Path(__file__).resolve().parents[2] / routes_table.DOCUMENT
OPEN_ON_PURPOSE = {
    "/login",
    "/healthz",
    "/readyz",
    "/api/activity",
    "/display/<token>",
    "/docs",
    "/openapi.json",
}


def test_every_route_has_a_rule_and_the_document_lists_it(app: Flask) -> None:
    with app.app_context():
        rows = routes_table.table(app)

    document = DOCUMENT.read_text()
    assert document == routes_table.in_document(document, rows), (
        "docs/security.md is out of date: run `flask routes-table --write`"
    )


def test_nothing_else_is_open_to_everyone(app: Flask) -> None:
    with app.app_context():
        open_routes = {
            route.rule
            for route in app.url_map.iter_rules()
            if (rule := rule_of(route.endpoint)) and rule.public
        }

    assert {path for path in open_routes if "static" not in path} <= OPEN_ON_PURPOSE


def test_a_route_without_a_rule_is_named(small: Flask) -> None:
    with small.app_context(), pytest.raises(LookupError, match="GET /small/bare"):
        routes_table.table(small)


def test_the_command_prints_the_table(runner: FlaskCliRunner) -> None:
    assert "| `GET /login` | everyone |" in runner.invoke(args=["routes-table"]).output
