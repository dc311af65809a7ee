"""Orders over HTTP: place, list, show, cancel."""

from typing import Any

from flask import Blueprint
from spectree import Response

from api import cursor_page, documents, page_arguments, spec
from blueprints.auth.requires import audit, current_principal, requires
from blueprints.orders import schemas, service
from blueprints.orders.models import AnOrder, Order
from idempotency import idempotent, keep_answer
from problems import invalid, not_found

bp = Blueprint(
    "orders",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/orders",
)
TAGS = ["orders"]
may_read = requires("stream:read", "orders:write", role="viewer")
may_change = requires("orders:write", role="operator")


@bp.post("/api/orders")
@may_change
@spec.validate(resp=Response(HTTP_201=schemas.OrderWithLines), tags=TAGS)
@documents(fails={409: "Not enough stock, or the sale of a product is paused"})
@idempotent
def create(json: schemas.NewOrder) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Place an order."""
    wanted = [
        service.Wanted(int(line.product_id) if line.product_id else None, line.sku, line.quantity)
        for line in json.items
    ]
    keep = keep_answer(schemas.order_with_lines, 201, _location)
    try:
        order = service.place(json.customer, wanted, keep)
    except service.TotalTooLarge:
        raise invalid(("items", "the order's total is too large")) from None
    return schemas.order_with_lines(order), 201, _location(order)


@bp.get("/api/orders")
@may_read
@spec.validate(resp=Response(HTTP_200=schemas.Orders), tags=TAGS)
def index() -> dict[str, Any]:
    """Orders, newest first."""
    below, limit = page_arguments()
    page = cursor_page(service.page(below, limit), limit, lambda order: str(order.id))
    return page | {"items": [schemas.order(each) for each in page["items"]]}


@bp.get("/api/orders/<id:order_id>")
@may_read
@spec.validate(resp=Response(HTTP_200=schemas.OrderWithLines), tags=TAGS)
def show(order_id: int) -> dict[str, Any]:
    """One order with its lines."""
    return schemas.order_with_lines(_found(service.find(order_id)))


@bp.post("/api/orders/<id:order_id>/cancel")
@may_change
@spec.validate(resp=Response(HTTP_200=schemas.OrderWithLines), tags=TAGS)
@idempotent
def cancel(order_id: int) -> dict[str, Any]:
    """Cancel an order: its stock returns, its day counts it no more."""
    audit(current_principal(), "cancel", f"order:{order_id}")
    keep = keep_answer(schemas.order_with_lines)
    return schemas.order_with_lines(_found(service.cancel(order_id, keep)))


def _location(order: AnOrder) -> dict[str, str]:
    return {"Location": f"/api/orders/{order.id}"}


def _found(order: Order | None) -> Order:
    if order is None:
        raise not_found("order")
    return order
