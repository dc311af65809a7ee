"""The page at /, and the display for a wall."""

from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import shop
from blueprints.auth.requires import (
    Principal,
    current_principal,
    public,
    requires,
    sign_in_display,
)
from blueprints.dashboard import bp, cards
from blueprints.stream import snapshot
from problems import Problem

# These are in the page as HTML; the browser gets them as data with the stream's `init`.
LISTS = {"recentOrders", "lowStockAlerts", "alerts"}


@bp.get("/")
@requires(role="viewer", display=True, page=True)
def page() -> ResponseReturnValue:
    """The dashboard, with the numbers of this moment already in it."""
    principal = current_principal()
    if principal.kind == "display":
        return redirect(url_for("dashboard.display"))
    return render_template(
        "dashboard/page.html",
        cards=cards.found(),
        # Where no script runs the page sends itself here: forms instead of buttons.
        plain="plain" in request.args,
        **_first_paint(principal, principal.audience),
    )


@bp.get("/display/<token>")
@public
def open_display(token: str) -> ResponseReturnValue:
    """A display's link: this browser becomes that display; the secret leaves the address."""
    sign_in_display(token)
    # With display=1 it is the display's board also where a person is signed in.
    query = urlencode({**request.args.to_dict(), "display": "1"})
    return redirect(f"{url_for('dashboard.display')}?{query}", 303)


@bp.get("/display")
@requires(role="viewer", display=True, page=True)
def display() -> ResponseReturnValue:
    """The board for a wall; everything about it is in the URL."""
    principal = current_principal()
    hidden = request.args.get("hide", "")
    shown = cards.chosen(cards.found(), request.args.get("cards", ""), hidden)
    audience = "hidden" if "customers" in hidden.split(",") else principal.audience
    return render_template(
        "dashboard/display.html",
        cards=shown,
        rows=cards.in_rows(shown),
        wide=cards.WIDE,
        hides_money="revenue" in hidden.split(","),
        **_first_paint(principal, audience),
    )


def _first_paint(principal: Principal, audience: str) -> dict[str, Any]:
    """The board as of now; empty while it was never read, and the page then shows dashes."""
    try:
        board = snapshot(audience=audience)
    except Problem:
        board = {}
    return {
        "board": board,
        "seed": {name: value for name, value in board.items() if name not in LISTS},
        "as_of": shop.now(),
        "shop": shop.settings(),
        "principal": principal,
        "operator": principal.has_role("operator"),
    }
