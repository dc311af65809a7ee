"""The API's description as one document: every operation, and the schemas they share."""

import re
from collections.abc import Iterator
from typing import Any

from flask import current_app
from werkzeug.routing import Rule as Route

import shop
from api import spec
from blueprints.ops import operation
from blueprints.ops.events import EVENTS

Json = dict[str, Any]

OWN = ("/healthz", "/readyz", "/metrics", "/openapi.json")
INTRODUCTION = """\
Orders, products and alerts as JSON, and every change of them as Server-Sent Events.

Money is a JSON number in major units with the digits of the shop's currency; ids are strings; times
are ISO 8601 in UTC. Errors are problem details (RFC 9457). Programs send `Authorization: Bearer`
with a token of `flask tokens create`; the scopes of each operation are listed with it."""


def description() -> Json:
    """The OpenAPI 3.1 document of the running app."""
    base = spec.spec
    paths: dict[str, Json] = {}
    schemas = {**base["components"]["schemas"], **EVENTS, "Problem": _problem()}
    for route, method in _operations():
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", route.rule)
        known = base["paths"].get(path, {}).get(method.lower(), {})
        paths.setdefault(path, {})[method.lower()] = operation.described(
            route, method, known, schemas
        )
    for name in ("NewProduct", "ProductChange"):
        properties = schemas[name]["properties"] | {"price": _price()}
        schemas[name] = schemas[name] | {"properties": properties}
    unused = {name for name in schemas if name.startswith("ValidationError")}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{shop.settings().shop_name} API",
            "version": "1",
            "summary": "A live board for flash sales",
            "description": INTRODUCTION,
        },
        "servers": [{"url": shop.settings().public_url or "/"}],
        "tags": [
            {"name": name} for name in sorted({operation.tag(route) for route, _ in _operations()})
        ],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {name: schemas[name] for name in sorted(schemas.keys() - unused)},
            "securitySchemes": _security_schemes(),
        },
    }


def _operations() -> Iterator[tuple[Route, str]]:
    for route in current_app.url_map.iter_rules():
        if route.rule.startswith("/api/") or route.rule in OWN:
            for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
                yield route, method


def _price() -> Json:
    """A number, or the same as text, with no more digits than the shop's currency."""
    settings = shop.settings()
    digits = settings.currency_exponent
    number = {
        "type": "number",
        "minimum": 0,
        "maximum": 10**10 - 1,
        "multipleOf": float(settings.minor_unit),
    }
    fraction = rf"(\.[0-9]{{1,{digits}}})?" if digits else ""
    return {"anyOf": [number, {"type": "string", "pattern": f"^[0-9]{{1,10}}{fraction}$"}]}


def _security_schemes() -> Json:
    cookie = current_app.config["SESSION_COOKIE_NAME"]
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "`flask tokens create NAME --scope …`",
        },
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "Of people who signed in, and of displays",
        },
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": "With every change asked for by cookie",
        },
    }


def _problem() -> Json:
    error = {
        "type": "object",
        "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
        "required": ["field", "message"],
    }
    return {
        "type": "object",
        "description": "RFC 9457",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "requestId": {"type": "string"},
            "errors": {"type": "array", "items": error},
        },
        "required": ["type", "title", "status", "detail"],
    }
