"""The same levers as plain HTML forms, for a browser that runs no script."""

import time

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from blueprints import stream
from blueprints.auth.requires import audit, current_principal, requires
from blueprints.inventory import schemas, service
from blueprints.inventory.models import MAX_STOCK, Product
from idempotency import first_time
from problems import Problem

bp = Blueprint("forms", __name__)
may_change = requires(role="operator", page=True)

SHOWN_WITHIN_SECONDS = 0.5  # Some 30 ms while the feed is up.
LOOK_EVERY_SECONDS = 0.02

GONE = "Nothing was changed: there is no such product any more."
ONCE = "Nothing was added: this form was sent before, and counted then."


@bp.post("/products/<id:product_id>/pause")
@may_change
def pause(product_id: int) -> ResponseReturnValue:
    """Stop the sale of a product at once."""
    return _set_paused(True, product_id)


@bp.post("/products/<id:product_id>/resume")
@may_change
def resume(product_id: int) -> ResponseReturnValue:
    """Sell a product again."""
    return _set_paused(False, product_id)


@bp.post("/products/<id:product_id>/restock")
@may_change
def restock(product_id: int) -> ResponseReturnValue:
    """Add units to a product's stock; a form sent twice counts once."""
    try:
        asked = schemas.RestockForm.model_validate(request.form.to_dict())
    except ValidationError:
        return _back("Nothing was added: say how many units came in, 1 to 100,000.")
    if not first_time(asked.key):
        return _back(ONCE)
    audit(current_principal(), "restock", f"product:{product_id}", f"+{asked.quantity}")
    try:
        product = service.restock(product_id, asked.quantity)
    except service.TooMany:
        return _back(f"Nothing was added: the stock may not exceed {MAX_STOCK:,}.")
    if product is None:
        return _back(GONE)
    _wait_until_shown(product)
    units = "1 unit" if asked.quantity == 1 else f"{asked.quantity:,} units"
    return _back(f"{units} of {product.name} added: {product.stock:,} in stock.", done=True)


def _set_paused(paused: bool, product_id: int) -> ResponseReturnValue:
    by = current_principal()
    audit(by, "pause" if paused else "resume", f"product:{product_id}")
    try:
        (product,) = service.set_paused(paused, by.name, [product_id])
    except service.UnknownProducts:
        return _back(GONE)
    _wait_until_shown(product)
    return _back(f"{product.name} is {'paused' if paused else 'on sale again'}.", done=True)


def _wait_until_shown(product: Product) -> None:
    """Until the board has heard of it: else the page that follows denies its own message."""
    done = (product.paused, product.stock)
    deadline = time.monotonic() + SHOWN_WITHIN_SECONDS
    while time.monotonic() < deadline:
        try:
            shown = stream.snapshot()["lowStockAlerts"]
        except Problem:
            return
        if all((each["paused"], each["remaining"]) == done for each in shown if _is(product, each)):
            return
        time.sleep(LOOK_EVERY_SECONDS)


def _is(product: Product, shown: dict[str, str]) -> bool:
    return shown["id"] == str(product.id)


def _back(message: str, *, done: bool = False) -> ResponseReturnValue:
    """To the board, which says it once."""
    flash(message, "done" if done else "refused")
    return redirect(url_for("dashboard.page", plain="yes"), 303)
