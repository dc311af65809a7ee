"""The beacon that a storefront sends."""

from flask import Blueprint, Response, request
from pydantic import ValidationError
from redis import RedisError

import shop
from api import documents
from blueprints.activity import schemas, service
from blueprints.auth.requires import public
from extensions import limiter
from problems import from_validation, unavailable

bp = Blueprint(
    "activity",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/activity",
)


# Flask would answer OPTIONS by itself, without saying who may.
@bp.route("/api/activity", methods=["POST"], provide_automatic_options=False)
@public
@limiter.limit("60 per minute")
@documents({204: None}, {429: "More than 60 a minute from one address"}, body=schemas.Seen)
def create() -> Response:
    """A visitor was seen. Also from `navigator.sendBeacon`, which can only send plain text."""
    try:
        seen = schemas.Seen.model_validate_json(request.get_data())
    except ValidationError as error:
        raise from_validation(error) from None
    try:
        service.seen(seen.visitor)
    except RedisError:
        raise unavailable("Counting visitors") from None
    return Response(status=204)


@bp.route("/api/activity", methods=["OPTIONS"])
@public
def preflight() -> Response:
    """Which storefronts may send it from a browser."""
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response


@bp.after_request
def _allow_storefront(response: Response) -> Response:
    origin = request.headers.get("Origin", "")
    allowed = {each.strip() for each in shop.settings().storefront_origins.split(",")}
    response.headers["Vary"] = "Origin"
    if origin and origin in allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response
