"""How a route says what it takes and gives: one declaration that validates and documents it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from flask import Request, Response, current_app, request
from pydantic import AfterValidator, AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from spectree import SpecTree

from problems import from_validation, invalid
from wire import ID

BODY_METHODS = {"POST", "PUT", "PATCH"}
View = TypeVar("View", bound=Callable[..., Any])


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


_NO_CONTROL = r"[^\u0000-\u001f\u007f-\u009f]"
# A text as people write it: one line, any script. The pattern says in the description what the
# function checks: no control character, something to be seen.
Text = Annotated[
    str,
    Field(
        min_length=1,
        json_schema_extra={"pattern": rf"^{_NO_CONTROL}*[!-~¡-\u167f]{_NO_CONTROL}*$"},
    ),
    AfterValidator(_one_line),
]
Line = Annotated[Text, Field(max_length=200)]
# Its validators say themselves what is wrong with one that is not.
Id = Annotated[str, Field(json_schema_extra={"pattern": f"^{ID.pattern}$"})]


def either(**fields: Mapping[str, Any]) -> ConfigDict:
    """Of a model with fields that exclude each other: says so in the description.

    Each field comes with its schema in the case that it is the one given; the others are absent,
    null, or false.
    """
    cases: list[Any] = [
        {
            "required": [name],
            "properties": {
                other: given if other == name else {"enum": [None, False]}
                for other, given in fields.items()
            },
        }
        for name in fields
    ]
    return ConfigDict(json_schema_extra={"oneOf": cases})


def _raise_problem(
    request: Request, _response: Response, error: Any, _instance: Any, _adapter: Any
) -> None:
    """Run by SpecTree before each view: what it found wrong becomes our problem+json."""
    if request.method in BODY_METHODS and (_takes_body() or request.get_data()):
        if not request.get_data():
            raise invalid(("", "the body must be a JSON object, and is missing"))
        if not isinstance(request.get_json(), dict):
            raise invalid(("", "the body must be a JSON object"))
    if error is not None:
        raise from_validation(error)


def _takes_body() -> bool:
    checked = spec.get_function_metadata(current_app.view_functions[request.endpoint or ""])
    return checked is not None and bool(checked.json)


@dataclass(frozen=True)
class Documented:
    """What a route says of itself beside what SpecTree checks; for the API's description.

    answers: JSON Schema, or model, of each answer that SpecTree does not know, None for no body.
    fails: what a problem of this status means here, where that is not what it always means.
    """

    answers: Mapping[int, Any] = field(default_factory=dict)
    fails: Mapping[int, str] = field(default_factory=dict)
    body: Any = None
    parameters: Sequence[Mapping[str, Any]] = ()
    media: str = "application/json"


def documents(
    answers: Mapping[int, Any] | None = None,
    fails: Mapping[int, str] | None = None,
    body: Any = None,
    parameters: Sequence[Mapping[str, Any]] = (),
    media: str = "application/json",
) -> Callable[[View], View]:
    """Say it of a view; the arguments are the fields of Documented."""

    def mark(view: View) -> View:
        view.documented = Documented(  # type: ignore[attr-defined]
            answers or {}, fails or {}, body, parameters, media
        )
        return view

    return mark


spec = SpecTree(
    "flask",
    title="Flashboard",
    version="1.0",
    before=_raise_problem,
    validation_error_status=422,
    annotations=True,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
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
    if not ID.fullmatch(cursor):
        raise invalid(("cursor", "must be a nextCursor of an earlier answer"))
    return int(cursor), int(limit)
