"""How numbers and times look in the first paint, before the browser knows the viewer's language."""

from datetime import UTC, datetime
from typing import Any

from jinja2 import Undefined

import shop

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}
MINUS = "−"
UNKNOWN = "—"
CRITICAL_BELOW = 3


def _known(value: Any) -> bool:
    """Neither null on the board nor missing, as all is before the board was ever read."""
    return value is not None and not isinstance(value, Undefined)


def number(value: float | None) -> str:
    """`1284` as 1,284; what is not known is a dash, never 0."""
    return f"{value:,}".replace("-", MINUS) if _known(value) else UNKNOWN


def money(value: float | None) -> str:
    """An amount in major units, in the shop's currency."""
    if value is None or not _known(value):
        return UNKNOWN
    settings = shop.settings()
    symbol = SYMBOLS.get(settings.shop_currency, settings.shop_currency + "\N{NO-BREAK SPACE}")
    sign = MINUS if value < 0 else ""
    return f"{sign}{symbol}{abs(value):,.{settings.currency_exponent}f}"


def clock(moment: str | datetime | None, pattern: str = "%H:%M") -> str:
    """The shop's wall clock at a moment."""
    if moment is None or not _known(moment):
        return UNKNOWN
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return (
        (moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        .astimezone(shop.settings().zone)
        .strftime(pattern)
    )


def day(iso_date: str | None) -> str:
    """`2026-11-24` as 24 Nov."""
    return UNKNOWN if not iso_date else f"{datetime.fromisoformat(iso_date):%-d %b}"


def stock_state(product: dict[str, Any]) -> str:
    """How a product stands; the browser's words for the same are in inventory/stock.js."""
    if product.get("paused"):
        return "paused"
    remaining = product.get("remaining") or 0
    if remaining <= 0:
        return "sold-out"
    if remaining < CRITICAL_BELOW:
        return "critical"
    return "low" if product.get("lowStock") else "fine"


def in_need(product: dict[str, Any]) -> bool:
    """Whether "Low stock" shows a product; the browser asks the same in inventory/card.js."""
    return bool(
        stock_state(product) != "fine" or product.get("refused") or product.get("soldOutAt")
    )
