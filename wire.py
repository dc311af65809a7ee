"""What comes in over HTTP: strict JSON, and ids in paths."""

import re
from math import isinf
from typing import Any

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import BaseConverter

# An id as text: one that Postgres can look up.
ID = re.compile(r"[0-9]{1,18}")
SURROGATE = "\\u"  # only an escape can stand for half a character


class StrictJSON(DefaultJSONProvider):
    """Refuses what no answer could repeat, as ValueError: a 400 problem.

    That is NaN, numbers beyond any float, halves of characters, and nesting too deep to read.
    """

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            found = super().loads(s, parse_constant=_refuse, parse_float=_finite, **kwargs)
            if SURROGATE in s if isinstance(s, str) else SURROGATE.encode() in s:
                self.dumps(found).encode()
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return found

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(obj, **{"allow_nan": False, "separators": (",", ":")} | kwargs)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise ValueError(f"{digits[:40]} is too large")
    return number


class IdConverter(BaseConverter):
    """An id in a path, `<id:order_id>`: what cannot be one is a 404, not an error of Postgres."""

    regex = ID.pattern

    def to_python(self, value: str) -> int:
        return int(value)


def _refuse_endless() -> None:
    """A body without a length is cut at the limit by Werkzeug, silently: then it is too long."""
    limit = request.max_content_length
    if limit is None or "Transfer-Encoding" not in request.headers:
        return
    if len(request.get_data(parse_form_data=True)) >= limit:
        raise RequestEntityTooLarge


def init_app(app: Flask) -> None:
    """Use both in an app."""
    app.json = StrictJSON(app)
    app.url_map.converters["id"] = IdConverter
    app.before_request(_refuse_endless)
