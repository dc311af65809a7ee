"""/openapi.json says what is true of every route, and /docs says it to people."""

import html
import json
import re

import jsonschema_rs
import pytest

from tests.sse import connect


@pytest.fixture
def document(client):
    """The description."""
    return client.get("/openapi.json").json


def operations(document):
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_route_of_the_api_is_described(app, document):
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule))
        for route in app.url_map.iter_rules()
        if route.rule.startswith("/api/")
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes <= operations(document).keys()
    assert {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")} <= operations(
        document
    ).keys()


def test_every_answer_but_a_success_is_a_problem(document):
    for name, operation in operations(document).items():
        assert any(status < "300" for status in operation["responses"]), name
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (name, status)


def test_every_operation_says_who_may(document):
    open_to_all = {path for (_, path), each in operations(document).items() if not each["security"]}
    assert open_to_all == {"/healthz", "/readyz", "/openapi.json", "/api/activity"}
    assert operations(document)["POST", "/api/orders"]["security"] == [
        {"token": ["orders:write"]},
        {"cookie": [], "csrf": []},
    ]


def test_every_change_says_that_it_is_limited(document):
    for (method, path), operation in operations(document).items():
        limited = operation["responses"].get("429")
        assert bool(limited) == (method not in ("GET", "HEAD")), (method, path)
        assert not limited or "Retry-After" in limited["headers"]


def test_lists_say_how_to_turn_pages_and_changes_take_a_key(document):
    def parameters(method, path):
        return {each["name"] for each in operations(document)[method, path]["parameters"]}

    assert {"limit", "cursor"} <= parameters("GET", "/api/orders")
    assert {"limit", "cursor"} <= parameters("GET", "/api/products")
    for path in ("/api/orders", "/api/products/{product_id}/restock", "/api/alerts"):
        assert "Idempotency-Key" in parameters("POST", path)
    stream = parameters("GET", "/api/stream/metrics")
    assert {"channels", "lastEventId", "Last-Event-ID"} <= stream


def test_no_reference_leads_nowhere(document):
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert named <= document["components"]["schemas"].keys()


def test_a_price_has_the_digits_of_the_currency(document):
    price = document["components"]["schemas"]["NewProduct"]["properties"]["price"]
    assert price["anyOf"][0]["multipleOf"] == 0.01
    assert price["anyOf"][1]["pattern"] == r"^[0-9]{1,10}(\.[0-9]{1,2})?$"


def test_what_the_stream_sends_is_as_described(site, sample_shop, runner, token, document):
    def check(event, data):
        schema = {"$ref": f"#/components/schemas/{event}", "components": document["components"]}
        jsonschema_rs.validate(schema, data)

    media = operations(document)["GET", "/api/stream/metrics"]["responses"]["200"]["content"]
    described = media["text/event-stream"]["x-events"]
    secret = token("stream:read", "orders:write", "products:write", "alerts:write")
    product = site.get("/api/products?limit=3", token=secret).json["items"][0]
    check("Init", site.get("/api/metrics", token=secret).json)
    seen: set[str] = set()
    with connect(site.url, secret) as stream:
        check("Init", stream.until("init").data)
        order = {"customer": "Ada", "items": [{"sku": product["sku"], "quantity": 1}]}
        placed = site.post("/api/orders", order, token=secret).json
        site.post(f"/api/orders/{placed['id']}/cancel", token=secret)
        site.post("/api/alerts", {"severity": "info", "message": "Hello"}, token=secret)
        while not {"orders", "inventory", "revenue", "alerts"} <= seen:
            event = stream.next()
            check(described[event.event]["$ref"].rpartition("/")[2], event.data)
            seen.add(event.event)


def test_the_page_shows_every_operation_and_runs_nothing(client, document):
    page = client.get("/docs")
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    text = page.get_data(as_text=True)
    for operation in operations(document).values():
        assert f'id="{operation["operationId"]}"' in text
    assert "<script" not in text
    assert "style=" not in text
    for link in set(re.findall(r'href="#([\w-]+)"', text)):
        assert f'id="{link}"' in text


def test_examples_are_bodies_that_are_taken(site, sample_shop, token, client):
    page = client.get("/docs").get_data(as_text=True)
    operation = page[page.index('id="orders_create"') :]
    example = json.loads(html.unescape(re.findall(r"<pre><code>(.*?)</code>", operation)[0]))
    secret = token("orders:write", "stream:read")
    product = site.get("/api/products?limit=1", token=secret).json["items"][0]
    example["items"][0]["productId"] = product["id"]
    assert site.post("/api/orders", example, token=secret).status == 201
