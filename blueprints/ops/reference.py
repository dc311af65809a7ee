"""The API's description as a page: no script, no other host, readable as it comes."""

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

from blueprints.ops import events, openapi

Json = dict[str, Any]

# What an example shows where a schema says only its type.
PLACEHOLDERS = {"string": "…", "integer": 1, "number": 12.5, "boolean": True, "null": None}
DEPTH = 6


def page() -> str:
    """The page."""
    document = openapi.description()
    schemas = document["components"]["schemas"]
    groups: dict[str, list[Json]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = _shown(method, path, operation, schemas)
            groups.setdefault(operation["tags"][0], []).append(shown)
    return render_template(
        "ops/docs.html",
        info=document["info"],
        groups=sorted(groups.items()),
        schemas=[(name, _fields(schema)) for name, schema in sorted(schemas.items())],
        prose=_prose,
        events=[(name, schemas[name].get("description", "")) for name in events.EVENTS],
    )


def _prose(text: str) -> Markup:
    """Text with what is in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _shown(method: str, path: str, operation: Json, schemas: Json) -> Json:
    body = _content(operation.get("requestBody", {}))
    return {
        **operation,
        "method": method.upper(),
        "path": path,
        "scopes": [scope for way in operation["security"] for scope in way.get("token", ())],
        "public": not operation["security"],
        "people": any("cookie" in way for way in operation["security"]),
        "body": _name(body) if body else None,
        "example": _example(body, schemas) if body else None,
        "answers": [_answer(status, each) for status, each in operation["responses"].items()],
    }


def _answer(status: str, answer: Json) -> Json:
    schema = _content(answer)
    return {
        "status": status,
        "means": answer["description"],
        "media": next(iter(answer.get("content", {})), ""),
        "schema": _name(schema) if schema else None,
    }


def _content(holder: Json) -> Json | None:
    for content in holder.get("content", {}).values():
        found: Json = content["schema"]
        return found
    return None


def _name(schema: Json) -> str | None:
    reference = schema.get("$ref")
    return str(reference).rpartition("/")[2] if reference else None


def _fields(schema: Json) -> list[Json]:
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "type": _type(of),
            "link": _name(of) or _name(of.get("items", {})),
            "required": name in required,
            "about": of.get("description", ""),
        }
        for name, of in schema.get("properties", {}).items()
    ]


def _type(schema: Json) -> str:
    if name := _name(schema):
        return name
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_type(each) for each in alternatives)
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return " ".join(filter(None, [str(schema.get("type", "any")), *_bounds(schema)]))


def _bounds(schema: Json) -> Iterator[str]:
    """Limits as people write them: `1–100`, `up to 200 characters`."""
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        yield f"{least:,}–{most:,}"
    elif least is not None:
        yield f"from {least:,}"
    if longest := schema.get("maxLength"):
        yield f"up to {longest:,} characters"


def _example(schema: Json, schemas: Json) -> str:
    return json.dumps(_sample(schema, schemas, DEPTH), ensure_ascii=False)


def _sample(schema: Json, schemas: Json, depth: int) -> Any:
    """A value that has the schema's form."""
    if name := _name(schema):
        schema = schemas[name]
    for known in ("default", "const"):
        if schema.get(known) is not None:
            return schema[known]
    if "properties" in schema and depth:
        # Of fields that exclude each other the first.
        first: Json = next(iter(schema.get("oneOf", ())), {})
        required = {*schema.get("required", ()), *first.get("required", ())}
        wanted = {name: of for name, of in schema["properties"].items() if name in required}
        return {name: _sample(of, schemas, depth - 1) for name, of in wanted.items()}
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return _sample(alternatives[0], schemas, depth)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [_sample(schema["items"], schemas, depth - 1)] if depth else []
    return PLACEHOLDERS.get(schema.get("type", ""), {})
