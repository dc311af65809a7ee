"""Hostile requests against a real server, and what each got: printed as a table at the end."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select

import shop
from blueprints.auth import service
from blueprints.stream import board
from blueprints.stream.outbox import OutboxEvent
from embedded.processes import wait
from extensions import db
from tests import cast
from tests.live import Answer, Live
from tests.servers import Servers
from tests.sse import Stream

KIB = 1024
SCRIPT = "<script>alert(1)</script>"
SQL = "' OR 1=1; DROP TABLE users; --"
SPLIT = "Eve\r\nSet-Cookie: planted=1\r\n\r\ndata: {}"


@dataclass
class Door:
    """A server, and everyone who may knock."""

    site: Live
    app: Flask
    viewer: cast.Person
    operator: cast.Person
    till: str
    screen: str

    def raw(self, request: bytes | str) -> Answer:
        """Send bytes as they are, and read one answer."""
        if isinstance(request, str):
            request = request.encode("latin-1")
        with socket.create_connection(("127.0.0.1", self.site.port), timeout=10) as link:
            link.sendall(request)
            answer = http.client.HTTPResponse(link)
            answer.begin()
            return Answer(answer.status, answer.headers, answer.read())

    def get(self, path: str, **headers: str) -> Answer:
        """As nobody, with headers."""
        return self.site.get(path, headers=_dashed(headers))

    def as_program(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """With a token that may do everything to orders, products and alerts."""
        return self.site.request(method, path, body, token=self.till, headers=_dashed(headers))

    def as_operator(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """By cookie, without the token against forgery unless given."""
        cookie = {"Cookie": self.operator.headers["Cookie"]}
        return self.site.request(method, path, body, headers=cookie | _dashed(headers))

    def form(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """A form, as a browser sends it."""
        body = urlencode(fields)
        sent = {"Content-Type": "application/x-www-form-urlencoded", **_dashed(headers)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        return self.raw(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def sign_in(self, email: str, password: str, **headers: str) -> Answer:
        """The sign-in form, with its own token."""
        with self.app.test_client() as browser:
            page = browser.get("/login")
            token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
            cookie = page.headers["Set-Cookie"].partition(";")[0]
        fields = {"email": email, "password": password, "csrf_token": token}
        return self.form("/login", fields, Cookie=cookie, **headers)

    def product(self, **fields: Any) -> str:
        """The id of a new product."""
        given = {"sku": "CUP", "name": "Cup", "price": 12.5, "remaining": 50, **fields}
        made = self.as_program("POST", "/api/products", given)
        assert made.status == 201, made.body
        return str(made.json["id"])

    def order(self, customer: str, **fields: Any) -> Answer:
        """An order of one cup."""
        line = {"productId": self.product(), "quantity": 1, **fields}
        return self.as_program("POST", "/api/orders", {"customer": customer, "items": [line]})


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass
class Attempt:
    """What is tried, what may come of it, and what must be true besides."""

    name: str
    send: Callable[[Door], Answer]
    expected: set[int]
    also: Callable[[Answer, Door], Any] = field(default=lambda answer, door: True)


def _json_request(door: Door, body: bytes) -> bytes:
    head = (
        f"POST /api/products HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {door.till}\r\n"
        "Content-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _plain(door: Door, path: str) -> Answer:
    """Without the client tidying the path up."""
    return door.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")


# What is tried, where it takes more than one request


def guesses_from_forged_addresses(door: Door) -> Answer:
    for number in range(12):
        answer = door.sign_in(door.viewer.email, "guess", X_Forwarded_For=f"10.0.0.{number}")
    return answer


def cookie_after_a_new_password(door: Door) -> Answer:
    with door.app.app_context():
        service.set_password(door.operator.email, "another horse")
    return door.as_operator("GET", "/api/orders")


def cookie_after_signing_out(door: Door) -> Answer:
    assert door.site.post("/logout", headers=door.operator.headers).status == 303
    return door.as_operator("GET", "/api/orders")


def replayed_link(door: Door) -> Answer:
    with door.app.app_context():
        secret = service.create_link(service.get_user(door.viewer.email), shop.now())
    assert door.get(f"/login?token={secret}").headers["Location"] == "/"
    return door.get(f"/login?token={secret}")


def forged_cookie(door: Door) -> Answer:
    body = str(door.viewer.cookie).rpartition(".")[0]
    return door.get("/api/orders", Cookie=f"flashboard={body}.{'A' * 27}")


def display_reads(path: str) -> Callable[[Door], Answer]:
    def read(door: Door) -> Answer:
        opened = door.get(f"/display/{door.screen}")
        cookie = opened.headers["Set-Cookie"].partition(";")[0]
        return door.get(path, Cookie=cookie)

    return read


def event_of_a_hostile_customer(door: Door) -> Answer:
    with Stream(f"{door.site.url}/api/stream/metrics", headers=door.viewer.headers) as stream:
        stream.until("init")
        answer = door.order(SPLIT.replace("\r\n", "\u2028"))
        assert stream.until("orders").data["order"]["id"] == answer.json["id"]
    return answer


def smuggled(door: Door) -> Answer:
    return door.raw(
        "POST /api/activity HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/orders HTTP/1.1\r\n\r\n"
    )


def chunked_and_endless(door: Door) -> Answer:
    chunk = f"{16 * KIB:x}\r\n{'x' * 16 * KIB}\r\n"
    return door.raw(
        f"POST /api/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {door.till}\r\n"
        f"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunk * 5}0\r\n\r\n"
    )


def page_of_hostile_names(door: Door) -> Answer:
    door.product(name=SCRIPT, sku="<x-sku>", remaining=2)
    line = [{"productId": door.product(sku="OTHER", name='"><img src=x>'), "quantity": 1}]
    door.as_program("POST", "/api/orders", {"customer": SCRIPT, "items": line})
    door.as_program("POST", "/api/alerts", {"severity": "warning", "message": SCRIPT})
    return door.as_operator("GET", "/", Accept="text/html")


def never(*texts: str) -> Callable[[Answer, Door], bool]:
    """None of the texts is in the answer, its headers included."""
    return lambda answer, _: (
        not any(text in f"{answer.headers}{answer.body.decode(errors='replace')}" for text in texts)
    )


def stock_untouched(_: Answer, door: Door) -> bool:
    listed = door.as_program("GET", "/api/products").json["items"]
    return [product["remaining"] for product in listed] == [50]


ATTEMPTS = [
    # Hosts and forwarded headers
    Attempt("Host of another site", lambda d: d.get("/login", Host="evil.test"), {400}),
    Attempt("no Host at all", lambda d: d.raw("GET /login HTTP/1.1\r\n\r\n"), {200, 400}),
    Attempt(
        "an address of another site in the request line",
        lambda d: _plain(d, "http://evil.test/nowhere"),
        {400, 404},
        never("evil.test"),
    ),
    Attempt(
        "two Hosts",
        lambda d: d.raw("GET /login HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n"),
        {400},
    ),
    Attempt(
        "forged X-Forwarded-Host",
        lambda d: d.get("/", X_Forwarded_Host="evil.test", Accept="text/html"),
        {302},
        never("evil.test"),
    ),
    Attempt("guesses from forged X-Forwarded-For", guesses_from_forged_addresses, {429}),
    Attempt(
        "?next= to another site",
        lambda d: d.as_operator("GET", "/login?next=https://evil.test/"),
        {302},
        never("evil.test"),
    ),
    # Forgery by another site
    Attempt(
        "restock by cookie, no CSRF token",
        lambda d: d.as_operator("POST", f"/api/products/{d.product()}/restock", {"quantity": 5}),
        {403},
        stock_untouched,
    ),
    Attempt(
        "the same with somebody else's token",
        lambda d: d.as_operator(
            "POST",
            f"/api/products/{d.product()}/restock",
            {"quantity": 5},
            X_CSRFToken=d.viewer.csrf_token,
        ),
        {403},
        stock_untouched,
    ),
    Attempt(
        "sign-in form from another site",
        lambda d: d.form("/login", {"email": d.viewer.email, "password": "x"}),
        {403},
    ),
    Attempt(
        "reading from a page of another site",
        lambda d: d.as_operator("GET", "/api/orders", Origin="https://evil.test"),
        {200},
        never("Access-Control-Allow-Origin"),
    ),
    Attempt(
        "beacon from a site that is no storefront",
        lambda d: d.site.post(
            "/api/activity", {"visitor": "v1"}, headers={"Origin": "https://evil.test"}
        ),
        {204},
        never("Access-Control-Allow-Origin"),
    ),
    # Who one is not
    Attempt("a cookie signed by nobody", forged_cookie, {401}),
    Attempt("a cookie from before a new password", cookie_after_a_new_password, {401}),
    Attempt("a cookie from before signing out", cookie_after_signing_out, {401}),
    Attempt(
        "a one-time link, replayed",
        replayed_link,
        {303},
        lambda answer, _: answer.headers["Location"] == "/login",
    ),
    Attempt(
        "a token in the address",
        lambda d: d.get(f"/api/stream/metrics?token={d.till}&access_token={d.till}"),
        {401},
    ),
    Attempt(
        "a token of another scope",
        lambda d: d.as_program("POST", "/api/metrics/orders", {}),
        {403},
    ),
    Attempt(
        "a viewer who pauses the sale",
        lambda d: d.site.post("/api/products/pause", {"all": True}, headers=d.viewer.headers),
        {403},
    ),
    Attempt("a display that reads orders", display_reads("/api/orders"), {403}),
    Attempt("a display that reads the catalogue", display_reads("/api/products"), {403}),
    Attempt(
        "sign-in with SQL",
        lambda d: d.sign_in(SQL, SQL),
        {401},
    ),
    Attempt("sign-in with NUL", lambda d: d.sign_in("a\0@b", "\0"), {401}),
    # Sizes and shapes
    Attempt(
        "a body of 70 KiB",
        lambda d: d.as_program("POST", "/api/orders", {"customer": "x" * 70 * KIB}),
        {413},
    ),
    Attempt("a chunked body of 80 KiB", chunked_and_endless, {413, 422}),
    Attempt("a header of 20 KiB", lambda d: d.get("/login", X_Big="x" * 20 * KIB), {400, 431}),
    Attempt(
        "a cookie of 20 KiB", lambda d: d.get("/login", Cookie="a=" + "x" * 20 * KIB), {400, 431}
    ),
    Attempt(
        "200 headers",
        lambda d: d.raw(
            "GET /login HTTP/1.1\r\nHost: localhost\r\n"
            + "".join(f"X-{n}: 1\r\n" for n in range(200))
            + "\r\n"
        ),
        {400, 431},
    ),
    Attempt("an address of 10 KiB", lambda d: d.get("/" + "x" * 10 * KIB), {400, 404, 414}),
    Attempt(
        "JSON nested 5,000 deep",
        lambda d: d.raw(_json_request(d, b"[" * 5_000)),
        {400, 422},
    ),
    Attempt("NaN for a price", lambda d: d.raw(_json_request(d, b'{"price": NaN}')), {400, 422}),
    Attempt(
        "a price of the caller's own",
        lambda d: d.order("Eve", price=0.01),
        {422},
    ),
    Attempt("a negative quantity", lambda d: d.order("Eve", quantity=-5), {422}, stock_untouched),
    Attempt(
        "an id beyond all integers", lambda d: d.as_program("GET", "/api/orders/" + "9" * 30), {404}
    ),
    Attempt("smuggling: two lengths", smuggled, {400}, never("items")),
    Attempt(
        "a bare LF in a header",
        lambda d: d.raw("GET /login HTTP/1.1\r\nHost: localhost\r\nX-A: b\nX-C: d\0\r\n\r\n"),
        {400},
    ),
    Attempt(
        "TRACE",
        lambda d: d.raw("TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        {405},
    ),
    Attempt(
        "another method by a header",
        lambda d: d.as_operator("POST", "/login", X_HTTP_Method_Override="GET"),
        {403},
    ),
    # Paths
    *(
        Attempt(f"path {path}", partial(_plain, path=path), {400, 404, 308}, never("SECRET"))
        for path in (
            "/static/../config.py",
            "/static/%2e%2e/config.py",
            "/static/..%2f..%2f..%2fetc/passwd",
            "/static/%00",
            "//evil.test/%2e%2e",
            "/display/../../etc/passwd",
            "/api/orders/%0d%0aSet-Cookie:planted=1",
        )
    ),
    # Injection
    Attempt(
        "a customer who splits headers",
        lambda d: d.order(SPLIT),
        {201, 422},
        lambda answer, _: "planted" not in str(answer.headers),
    ),
    Attempt("a customer who splits events", event_of_a_hostile_customer, {201}),
    Attempt(
        "a request id that splits headers",
        lambda d: d.get("/login", X_Request_Id="a%0d%0aSet-Cookie:planted=1"),
        {200},
        never("planted"),
    ),
    Attempt(
        "a header split by an idempotency key",
        lambda d: d.as_program("POST", "/api/orders", {}, Idempotency_Key="\x85" * 5),
        {422},
    ),
    Attempt(
        "script in every name, then the page",
        page_of_hostile_names,
        {200},
        never(SCRIPT, "<img src=x>", "<x-sku>"),
    ),
    Attempt(
        "script in the sign-in form",
        lambda d: d.sign_in('"><script>alert(1)</script>', "x"),
        {401},
        never(SCRIPT),
    ),
    Attempt(
        "script in ?next=",
        lambda d: d.get(f"/login?next=/{quote(SCRIPT)}", Accept="text/html"),
        {200},
        never(SCRIPT),
    ),
    Attempt(
        "script in an address nobody has",
        lambda d: d.get(f"/{quote(SCRIPT)}", Accept="text/html"),
        {404},
        never(SCRIPT),
    ),
    *(
        Attempt(
            f"SQL in {name} of {path}",
            partial(Door.as_program, method="GET", path=f"{path}?{name}={quote(SQL)}"),
            {200, 400, 422},
            lambda answer, door: door.as_program("GET", "/api/orders").status == 200,
        )
        for path in ("/api/orders", "/api/products")
        for name in ("cursor", "limit", "status")
    ),
    Attempt(
        "SQL in the channels of the stream",
        lambda d: d.as_program("GET", f"/api/stream/metrics?channels={quote(SQL)}"),
        {400},
    ),
]


@pytest.fixture(scope="module")
def fortress(
    migrated_app: Flask,
    servers: Servers,
    settings_of_tests: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Live]:
    """A server that knows its own names."""
    settings = {"TRUSTED_HOSTS": "localhost,127.0.0.1", **settings_of_tests, **servers.environment}
    live = Live(tmp_path_factory.mktemp("fortress"), settings, workers=1)
    yield live
    live.stop()


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What each attempt got, printed when all are through."""
    rows: list[str] = []
    yield rows
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"\n{len(rows)} hostile requests and what each got:")
        for row in rows:
            reporter.write_line(f"  {row}")


@pytest.fixture
def door(
    app: Flask, fortress: Live, viewer: cast.Person, operator: cast.Person, token: Any
) -> Iterator[Door]:
    """Everyone at the door of the fortress; what they left to publish is gone when they are."""
    with app.app_context():
        board.rebuild(None, "a test begins")
        screen = service.create_display("wall")
    till = token("orders:write", "products:write", "alerts:write", "stream:read")
    yield Door(fortress, app, viewer, operator, till, screen)
    with app.app_context():
        assert wait(lambda: _published(), seconds=10)


def _published() -> bool:
    with db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(OutboxEvent)) == 0


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
def test_it_gets_nothing(attempt: Attempt, door: Door, results: list[str]) -> None:
    answer = attempt.send(door)
    title = _title(answer)
    results.append(f"{attempt.name:<48} {answer.status} {title}")

    assert answer.status in attempt.expected, answer.body
    assert attempt.also(answer, door)
    assert b"Traceback" not in answer.body
    assert door.site.get("/healthz").status == 200


def _title(answer: Answer) -> str:
    if "json" in answer.headers.get("Content-Type", ""):
        said = json.load(BytesIO(answer.body))
        return str(said.get("title", ""))
    return answer.headers.get("Location", "")
