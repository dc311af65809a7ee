"""How the API's description tells of the stream and of publishing over HTTP."""

from api import documents
from blueprints.stream import frames


def _text(name: str, where: str, description: str, **more: str) -> dict[str, object]:
    schema = {"type": "string"}
    return {"name": name, "in": where, "description": description, "schema": schema, **more}


board = documents({200: {"$ref": "#/components/schemas/Init"}})
stream = documents(
    {200: {"type": "string"}},
    {400: "There is no such channel", 503: "No more dashboards can be opened, or the feed is away"},
    parameters=(
        _text("channels", "query", "Only events of these, by commas", example="orders,alerts"),
        _text("lastEventId", "query", "As the header, for clients that cannot send one"),
        _text(
            "Last-Event-ID", "header", "`id` of the last event received: what was missed follows"
        ),
    ),
    media=frames.CONTENT_TYPE,
)
publishing = documents(
    {202: {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}},
    body={"type": "object"},
)
