"""One operation of the API's description: who may, what it takes, what it answers, what can fail.

Who may comes from the route's rule, what can go wrong from its shape; so a new route is described,
with its errors, by being there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import current_app
from werkzeug.routing import Rule as Route

import shop
from api import Documented
from blueprints.auth.guard import UNSAFE_METHODS
from blueprints.auth.rules import Rule, rule_of
from blueprints.ops.events import EVENTS
from wire import ID

Json = dict[str, Any]

PROBLEM = "application/problem+json"
FAILURES = {
    400: "The request could not be read",
    401: "Nobody, or a token that is not valid",
    403: "Not allowed: a scope or a role is missing, or the token against forgery",
    404: "No such thing",
    409: "It cannot be done as things are",
    413: "The body is larger than 64 KiB",
    415: "The body is not declared as JSON",
    422: "The request is not valid; `errors` names each field",
    429: "Too many requests; nothing was changed. Try again after `Retry-After` seconds",
    503: "Something we need is away; nothing was changed. Try again after `Retry-After` seconds",
}
RETRY_AFTER = {"description": "Seconds", "schema": {"type": "integer", "minimum": 0}}
AN_ID = {"type": "string", "pattern": f"^{ID.pattern}$"}
CHANNEL = {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"}
PAGING = (
    {
        "name": "limit",
        "in": "query",
        "description": "How many at most",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    },
    {
        "name": "cursor",
        "in": "query",
        "description": "`nextCursor` of the page before",
        "schema": AN_ID,
    },
)
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Any text of your own, such as a UUID. The same key and body again, within 24 "
    "hours, is answered with the first answer and `Idempotency-Replayed: true`.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[ -~]*[!-~][ -~]*$",
    },
}


def described(route: Route, method: str, known: Json, schemas: Json) -> Json:
    """The operation; `known` is what SpecTree says of it. Adds to `schemas` what it refers to."""
    view = current_app.view_functions[route.endpoint]
    rule = rule_of(route.endpoint) or Rule()
    said: Documented = getattr(view, "documented", Documented())
    summary, _, more = (view.__doc__ or route.endpoint).strip().partition("\n\n")
    body = known.get("requestBody") or _body(said, schemas)
    answers = {
        status: answer for status, answer in known.get("responses", {}).items() if status < "400"
    } | _answers(said, schemas)
    parameters = [*_path_parameters(route), *said.parameters]
    pages = method == "GET" and _is_list(answers, schemas)
    if pages:
        parameters += PAGING
    if idempotent := getattr(view, "idempotent", False):
        parameters.append(IDEMPOTENCY_KEY)
        answers = {status: _replayable(answer) for status, answer in answers.items()}
    checked = bool(body or said.parameters or idempotent or pages)
    failures = _failures(route, method, rule, said, body=bool(body), checked=checked)
    operation: Json = {
        "operationId": route.endpoint.replace(".", "_"),
        "tags": [tag(route)],
        "summary": " ".join(summary.split()).rstrip("."),
        "description": " ".join(more.split()),
        "parameters": parameters,
        "responses": answers | failures,
        "security": _security(rule, method),
    }
    return operation | ({"requestBody": body} if body else {})


def tag(route: Route) -> str:
    """The room that has the route."""
    return route.endpoint.split(".")[0]


def _path_parameters(route: Route) -> Iterator[Json]:
    for name in sorted(route.arguments):
        schema = CHANNEL if name == "channel" else AN_ID
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _body(said: Documented, schemas: Json) -> Json | None:
    if said.body is None:
        return None
    schema = _schema(said.body, schemas)
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _answers(said: Documented, schemas: Json) -> Json:
    found: Json = {}
    for status, body in said.answers.items():
        found[str(status)] = {"description": "As asked"}
        if body is not None:
            content = {"schema": _schema(body, schemas)}
            if said.media == "text/event-stream":
                content["x-events"] = _events()
            found[str(status)]["content"] = {said.media: content}
    return found


def _events() -> Json:
    """The events of a stream by name; OpenAPI has no word for them yet."""
    return {
        name.removesuffix("Event").lower(): {"$ref": f"#/components/schemas/{name}"}
        for name in EVENTS
    }


def _schema(given: Any, schemas: Json) -> Json:
    if isinstance(given, Mapping):
        return dict(given)
    schemas[given.__name__] = given.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"$ref": f"#/components/schemas/{given.__name__}"}


def _is_list(answers: Json, schemas: Json) -> bool:
    """Whether it answers with an object that has `nextCursor`."""
    reference = answers.get("200", {}).get("content", {}).get("application/json", {})
    name = reference.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return "nextCursor" in schemas.get(name, {}).get("properties", {})


def _replayable(answer: Json) -> Json:
    header = {"schema": {"const": "true"}, "description": "Only when the key was used before"}
    return answer | {"headers": {"Idempotency-Replayed": header}}


def _failures(
    route: Route, method: str, rule: Rule, said: Documented, *, body: bool, checked: bool
) -> dict[str, Json]:
    """Problems a route can answer with, by its shape."""
    statuses = set(said.fails)
    if not rule.public:
        statuses |= {401, 403} | ({429} if method in UNSAFE_METHODS else set())
    if route.arguments:
        statuses.add(404)
    if body:
        statuses |= {400, 413, 415}
    if checked:
        statuses |= {400, 422}
    if route.rule not in ("/healthz", "/openapi.json"):
        statuses.add(503)
    return {str(status): _failure(status, said) for status in sorted(statuses)}


def _failure(status: int, said: Documented) -> Json:
    failure = {
        "description": said.fails.get(status) or FAILURES[status],
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return failure | ({"headers": {"Retry-After": RETRY_AFTER}} if status in (429, 503) else {})


def _security(rule: Rule, method: str) -> list[Json]:
    if rule.public:
        return []
    ways: list[Json] = [{"token": [scope]} for scope in rule.scopes]
    if rule.role or rule.display:
        ways.append({"cookie": []} | ({"csrf": []} if method in UNSAFE_METHODS else {}))
    open_to_all = rule.open_if and getattr(shop.settings(), rule.open_if)
    return [*ways, {}] if open_to_all else ways
