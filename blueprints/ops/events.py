"""The stream's events as JSON Schema; the tests hold real frames against them."""

from typing import Any

Schema = dict[str, Any]


def _object(properties: Schema, *, optional: tuple[str, ...] = (), about: str = "") -> Schema:
    required = [name for name in properties if name not in optional]
    schema: Schema = {"type": "object", "properties": properties, "required": required}
    return schema | ({"description": about} if about else {})


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: Schema, most: int | None = None) -> Schema:
    return {"type": "array", "items": items} | ({"maxItems": most} if most else {})


def _or_null(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


COUNT = {"type": "integer", "minimum": 0}
AMOUNT = {"type": "number"}
TEXT = {"type": "string"}
TRUTH = {"type": "boolean"}
MOMENT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}
TIMESTAMP = {"type": "integer", "description": "Unix milliseconds"}
TODAY = {"ordersToday": COUNT, "revenueToday": AMOUNT}
COMPARE = _object(
    {
        "orders": _or_null(COUNT),
        "revenue": _or_null(AMOUNT),
        "asOf": MOMENT,
    },
    about="Yesterday up to this minute",
)
BY_MINUTE = _list({"type": "integer", "minimum": 0}, 60)
SERIES = _object(
    {"start": MOMENT, "orders": BY_MINUTE, "yesterday": BY_MINUTE, "ordersToday": COUNT}
)

# Every event's schema is named like it: `orders` is an OrdersEvent. The first one alone is `Init`.
EVENTS: dict[str, Schema] = {
    "Init": _object(
        {
            "recovered": TRUTH,
            "build": TEXT,
            "day": DAY,
            "timezone": TEXT,
            "currency": TEXT,
            **TODAY,
            "ordersRefusedToday": COUNT,
            "activeUsers": COUNT,
            "visitorsToday": COUNT,
            "recentOrders": _list(_ref("OrderOut"), 10),
            "lowStockAlerts": _list(_ref("ProductOut")),
            "alerts": _list(_ref("AlertOut")),
            "compare": _or_null(COMPARE),
            "series": _or_null(SERIES),
            "live": TRUTH,
        },
        about="The whole board: the first event of a stream",
    ),
    "OrdersEvent": _object(
        {
            "type": {"enum": ["new_order", "order_cancelled"]},
            "order": _ref("OrderOut"),
            "orders": _list(_ref("OrderOut"), 10),
            "count": {"type": "integer", "minimum": 1},
            **TODAY,
            "timestamp": TIMESTAMP,
        },
        about="Orders placed or cancelled; under load one event stands for `count` of them",
    ),
    "RevenueEvent": _object(
        {
            "type": {"enum": ["refund", "adjustment", "total"]},
            "amount": AMOUNT,
            **TODAY,
            "timestamp": TIMESTAMP,
        }
    ),
    "InventoryEvent": _object(
        {
            "type": {
                "enum": ["low_stock", "sold_out", "restocked", "paused", "resumed", "changed"]
            },
            "product": _ref("ProductOut"),
            "products": _list(_ref("ProductOut")),
            "timestamp": TIMESTAMP,
        },
        about="The latest state of each product that changed",
    ),
    "AlertsEvent": _object(
        {
            "id": TEXT,
            "severity": {"enum": ["info", "warning", "critical"]},
            "kind": TEXT,
            "message": TEXT,
            "product": _or_null(_object({"id": TEXT, "sku": TEXT, "name": TEXT})),
            "createdAt": MOMENT,
            "acknowledged": TRUTH,
            "acknowledgedBy": _or_null(TEXT),
            "acknowledgedAt": _or_null(MOMENT),
            "resolvedAt": _or_null(MOMENT),
            "timestamp": TIMESTAMP,
        },
        about="An alert, when raised and whenever it changes",
    ),
    "ActivityEvent": _object(
        {"activeUsers": COUNT, "visitorsToday": COUNT, "timestamp": TIMESTAMP},
        about="Visitors of the last 5 minutes, and of today",
    ),
    "ClockEvent": _object(
        {"day": DAY, "compare": _or_null(COMPARE), "series": _or_null(SERIES)},
        about="Once a minute",
    ),
    "StatusEvent": _object(
        {"live": TRUTH, "reason": TEXT}, optional=("reason",), about="The server's own feed"
    ),
    "HeartbeatEvent": _object(
        {"now": TIMESTAMP, "lastEventId": TEXT, "build": TEXT}, about="After 15 s of silence"
    ),
}
