"""What POST /api/orders answers to what is no order: a problem that names each field."""

import json
import socket
from typing import Any

import pytest

from tests.live import Live
from tests.till import Till

ONE = object()  # stands for the one product there is


def lines(*quantities: Any, **more: Any) -> list[Any]:
    """Lines for the one product."""
    return [{"productId": ONE, "quantity": quantity, **more} for quantity in quantities]


def order(**changed: Any) -> dict[str, Any]:
    """An order that would be accepted, but for what is changed."""
    return {"customer": "Ada", "items": lines(1), **changed}


def filled_in(value: Any, product_id: str) -> Any:
    """With the product's id where it belongs."""
    if isinstance(value, dict):
        return {name: filled_in(each, product_id) for name, each in value.items()}
    if isinstance(value, list):
        return [filled_in(each, product_id) for each in value]
    return product_id if value is ONE else value


NAMED = {
    "no items": (order(items=[]), ["items"]),
    "items missing": ({"customer": "Ada"}, ["items"]),
    "items no list": (order(items={"productId": "1"}), ["items"]),
    "quantity 0": (order(items=lines(0)), ["items[0].quantity"]),
    "quantity below 0": (order(items=lines(1, -1)), ["items[1].quantity"]),
    "quantity over 10,000": (order(items=lines(10_001)), ["items[0].quantity"]),
    "quantity a fraction": (order(items=lines(1.5)), ["items[0].quantity"]),
    "quantity a string": (order(items=lines("2")), ["items[0].quantity"]),
    "quantity a boolean": (order(items=lines(True)), ["items[0].quantity"]),
    "quantity null": (order(items=lines(None)), ["items[0].quantity"]),
    "quantity huge": (order(items=lines(10**400)), ["items[0].quantity"]),
    "quantity missing": (order(items=[{"productId": ONE}]), ["items[0].quantity"]),
    "several wrong": (order(items=lines(0, 1, -3)), ["items[0].quantity", "items[2].quantity"]),
    "over 100 lines": (order(items=lines(*[1] * 101)), ["items"]),
    "no product": (order(items=[{"quantity": 1}]), ["items[0]"]),
    "product by id and SKU": (order(items=lines(1, sku="A")), ["items[0]"]),
    "unknown product": (order(items=[{"productId": "777777", "quantity": 1}]), ["items"]),
    "unknown SKU": (order(items=[{"sku": "NONE", "quantity": 1}]), ["items"]),
    "product id a number": (order(items=[{"productId": 1, "quantity": 1}]), ["items[0].productId"]),
    "product id no number": (
        order(items=[{"productId": "²", "quantity": 1}]),
        ["items[0].productId"],
    ),
    "product id too long": (
        order(items=[{"productId": "9" * 19, "quantity": 1}]),
        ["items[0].productId"],
    ),
    "customer missing": ({"items": lines(1)}, ["customer"]),
    "customer empty": (order(customer=""), ["customer"]),
    "customer blank": (order(customer=" \u2003 "), ["customer"]),
    "customer over 200 characters": (order(customer="x" * 201), ["customer"]),
    "customer a number": (order(customer=7), ["customer"]),
    "customer with a line end": (order(customer="Ada\nLovelace"), ["customer"]),
    "customer with NUL": (order(customer="Ada\u0000"), ["customer"]),
    "customer with an escape": (order(customer="\u001b[31mAda"), ["customer"]),
    "SKU with NUL": (order(items=[{"sku": "\u0000", "quantity": 1}]), ["items[0].sku"]),
    "a price from the caller": (order(items=lines(1, price=0.01)), ["items[0].price"]),
    "a total from the caller": (order(total=0.01), ["total"]),
    "a status from the caller": (order(status="paid"), ["status"]),
    "a list": ([order()], [""]),
    "a string": ("order", [""]),
    "null": (None, [""]),
    "nothing in it": ({}, ["customer", "items"]),
}


@pytest.mark.parametrize("case", NAMED)
def test_each_wrong_field_is_named(till: Till, case: str) -> None:
    body, fields = NAMED[case]
    mug = till.product(remaining=5_000_000)

    answer = till.request(
        "POST",
        "/api/orders",
        data=json.dumps(filled_in(body, mug)),
        content_type="application/json",
    )

    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json
    assert [each["field"] for each in answer.json["errors"]] == fields
    assert all(each["message"] for each in answer.json["errors"])
    nothing_happened(till, mug)


def nothing_happened(till: Till, mug: str) -> None:
    """No stock is gone, no order is there, and a good one is still taken."""
    assert till.remaining(mug) == 5_000_000
    assert till.get("/api/orders")["items"] == []
    assert till.order((mug, 10_000)).status_code == 201


GOOD = '{"customer": "Ada", "items": [{"productId": "ID", "quantity": %s}]}'
UNREADABLE: dict[str, tuple[str | bytes, str, int]] = {
    "no JSON": ("customer=Ada", "application/json", 400),
    "half of it": (GOOD[:40], "application/json", 400),
    "half a character": (GOOD.replace("Ada", "\\ud83d") % 1, "application/json", 400),
    "a number beyond any float": (GOOD % "1e400", "application/json", 400),
    "NaN": (GOOD % "NaN", "application/json", 400),
    "Infinity": (GOOD % "Infinity", "application/json", 400),
    "more digits than anyone reads": (GOOD % ("9" * 5_000), "application/json", 400),
    "no UTF-8": (b'{"customer": "\xff\xfe", "items": []}', "application/json", 400),
    "nesting without end": ('{"items":' + "[" * 60_000, "application/json", 400),
    "nesting with an end": ("[" * 30_000 + "]" * 30_000, "application/json", 400),
    "spaces": ("   ", "application/json", 400),
    "plain text": (GOOD % 1, "text/plain", 415),
    "a form": ("customer=Ada&items=1", "application/x-www-form-urlencoded", 415),
    "a file": (GOOD % 1, "multipart/form-data; boundary=x", 415),
    "nothing said of what it is": (GOOD % 1, "", 415),
    "over 64 KiB": (GOOD % 1 + " " * 64 * 1024, "application/json", 413),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_json_is_said_to_be_none(till: Till, case: str) -> None:
    body, content_type, status = UNREADABLE[case]
    mug = till.product(remaining=5_000_000)
    if isinstance(body, str):
        body = body.replace("ID", mug)

    answer = till.request("POST", "/api/orders", data=body, content_type=content_type)

    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    nothing_happened(till, mug)


@pytest.mark.parametrize(
    ("size", "content_type", "status"),
    [
        (40, "application/json", 201),
        (65 * 1024, "application/json", 413),
        (40, "text/plain", 415),
    ],
)
def test_the_same_holds_for_a_body_sent_in_chunks(
    till: Till, site: Live, size: int, content_type: str, status: int
) -> None:
    mug = till.product(remaining=5_000_000)
    body = (GOOD % 1).replace("ID", mug).encode() + b" " * size
    head = (
        f"POST /api/orders HTTP/1.1\r\nHost: {site.url[7:]}\r\nConnection: close\r\n"
        f"Authorization: Bearer {till.token}\r\nContent-Type: {content_type}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as link:
        link.sendall(head.encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        first_line = link.makefile("rb").readline()

    assert int(first_line.split()[1]) == status


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7fb", "\x80"])
def test_an_idempotency_key_that_cannot_be_is_named(till: Till, key: str) -> None:
    mug = till.product(remaining=5_000_000)
    body = {"customer": "Ada", "items": [{"productId": mug, "quantity": 1}]}

    answer = till.request("POST", "/api/orders", body, headers={"Idempotency-Key": key})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"  # type: ignore[index]
    nothing_happened(till, mug)
