"""What comes in over HTTP: strict JSON, and ids in paths."""

from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.routing import BaseConverter


class StrictJSON(DefaultJSONProvider):
    """Refuses NaN and Infinity, and nesting too deep to read, as ValueError: a 400 problem."""

    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, parse_constant=_refuse, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(obj, **{"allow_nan": False, "separators": (",", ":")} | kwargs)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class IdConverter(BaseConverter):
    """An id in a path, `<id:order_id>`: what cannot be one is a 404, not an error of Postgres."""

    regex = r"[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)


def init_app(app: Flask) -> None:
    """Use both in an app."""
    app.json = StrictJSON(app)
    app.url_map.converters["id"] = IdConverter
