"""How a route says what it takes and gives: one declaration that validates and documents it."""

from typing import Annotated, Any

from flask import Request, Response, request
from pydantic import AfterValidator, AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from spectree import SpecTree

from problems import from_validation, invalid

BODY_METHODS = {"POST", "PUT", "PATCH"}


class Wire(BaseModel):
    """An object on the wire: camelCase outside, snake_case inside, nothing unknown let in."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(to_camel),
        populate_by_name=True,
        extra="forbid",
        strict=True,
        serialize_by_alias=True,
    )


def _one_line(text: str) -> str:
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise ValueError("may not contain control characters")
    if not text.strip():
        raise ValueError("may not be blank")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode") from None
    return text.strip()


# A name as people write it: one line, any script.
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]


def _raise_problem(
    request: Request, _response: Response, error: Any, _instance: Any, _adapter: Any
) -> None:
    """Run by SpecTree before each view: what it found wrong becomes our problem+json."""
    if request.method in BODY_METHODS and (request.content_length or request.get_data()):
        body = request.get_json()
        if not isinstance(body, dict):
            raise invalid(("", "the body must be a JSON object"))
    if error is not None:
        raise from_validation(error)


spec = SpecTree(
    "flask",
    title="Flashboard",
    version="1.0",
    before=_raise_problem,
    validation_error_status=422,
    annotations=True,
)


def cursor_page(items: list[Any], limit: int, cursor_of: Any) -> dict[str, Any]:
    """A page of a list that was read with one item more than `limit`."""
    more = len(items) > limit
    page = items[:limit]
    return {"items": page, "nextCursor": cursor_of(page[-1]) if more and page else None}


def page_arguments(most: int = 100) -> tuple[int | None, int]:
    """`?cursor=&limit=` as (id to continue below, limit). Raises 422."""
    cursor, limit = request.args.get("cursor"), request.args.get("limit", "50")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:6]) <= most:
        raise invalid(("limit", f"must be a whole number from 1 to {most}"))
    if cursor is None:
        return None, int(limit)
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise invalid(("cursor", "must be a nextCursor of an earlier answer"))
    return int(cursor), int(limit)
