"""Errors as RFC 9457 problem details for programs, and as an HTML page for people."""

from typing import Any

from flask import Flask, Response, current_app, g, json, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError

RETRY_AFTER_SECONDS = 2
# The connection may have gone with the commit on its way.
UNKNOWN_OUTCOME = "Try again shortly; with the same Idempotency-Key nothing is done twice."


class Problem(Exception):
    """An answer other than success, raised anywhere in a request.

    `kind` becomes the last part of `type`; `extra` are further members of the object.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str = "",
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra | ({"errors": errors} if errors else {})


def invalid(*errors: tuple[str, str]) -> Problem:
    """422 naming each (field, message)."""
    listed = [{"field": field, "message": message} for field, message in errors]
    detail = "; ".join(f"{field}: {message}" if field else message for field, message in errors)
    return Problem(422, "invalid", "The request is not valid", detail, errors=listed)


def not_found(what: str) -> Problem:
    """404 for a thing asked for by id."""
    return Problem(404, "not-found", f"No such {what}", f"There is no {what} at this address.")


def unavailable(
    what: str,
    retry_after: int = RETRY_AFTER_SECONDS,
    detail: str = "Nothing was changed. Try again shortly.",
) -> Problem:
    """503 for something we depend on that is away."""
    return Problem(
        503,
        "unavailable",
        f"{what} is not available right now",
        detail,
        headers={"Retry-After": str(retry_after)},
    )


def from_validation(error: ValidationError) -> Problem:
    """422 from what pydantic found."""
    return invalid(*((_field(found["loc"]), _message(found)) for found in error.errors()))


def answer(problem: Problem) -> Response:
    """The response: HTML for a browser's page, problem+json for everyone else."""
    if _wants_page():
        body = render_template("error.html", problem=problem)
        return Response(body, problem.status, problem.headers, content_type="text/html")
    members = {
        "type": f"https://flashboard.dev/problems/{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.extra,
    }
    if request_id := g.get("request_id"):
        members["requestId"] = request_id
    return Response(
        json.dumps(members),
        problem.status,
        problem.headers,
        content_type="application/problem+json",
    )


def init_app(app: Flask) -> None:
    """Answer every error as a problem; no stack trace leaves the server."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(ValidationError, lambda error: answer(from_validation(error)))
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(DBAPIError, _from_database)
    app.register_error_handler(PoolTimeoutError, _from_database)


def _from_http(error: HTTPException) -> Response:
    if error.response is not None and error.code is None:
        return error.response  # type: ignore[return-value]
    if isinstance(error, InternalServerError):
        problem = Problem(
            500, "internal", "Something went wrong on our side", "It has been logged. Try again."
        )
    else:
        kind = error.name.lower().replace(" ", "-")
        problem = Problem(error.code or 500, kind, error.name, error.description or "")
    kept = {"Allow", "Retry-After", "Location"}
    problem.headers |= {name: value for name, value in error.get_headers() if name in kept}
    return answer(problem)


def _from_database(error: DBAPIError | PoolTimeoutError) -> Response:
    """A database that is away is not our bug: 503. Anything else is: 500, logged."""
    if is_outage(error):
        current_app.logger.warning("database unavailable: %s", type(error).__name__)
        return answer(unavailable("The database", detail=UNKNOWN_OUTCOME))
    current_app.logger.error("database error", exc_info=error)
    return _from_http(InternalServerError())


def is_outage(error: BaseException) -> bool:
    """Whether an error of SQLAlchemy means that Postgres is away, not that we asked wrongly."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or type(error).__name__ in {
        "OperationalError",
        "InterfaceError",
    }


def _wants_page() -> bool:
    if request.path.startswith("/api/"):
        return False
    accepted = request.accept_mimetypes
    return accepted.best_match(["application/json", "text/html"]) == "text/html"


def _field(location: tuple[int | str, ...]) -> str:
    """`("items", 0, "quantity")` as `items[0].quantity`."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "function-after":
            path += f".{part}" if path else part
    return path


def _message(found: Any) -> str:
    return str(found["msg"]).removeprefix("Value error, ")
