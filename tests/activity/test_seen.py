"""POST /api/activity: a storefront says that somebody is there; only how many is kept."""

import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import shop
from blueprints.activity import service
from extensions import redis
from tests.conftest import TokenFactory
from tests.live import Live
from tests.sse import connect
from tests.till import Till

SHOP = "https://shop.test"


def seen(client: FlaskClient, visitor: object, **headers: str) -> TestResponse:
    """A visitor's beacon."""
    return client.post("/api/activity", json={"visitor": visitor}, headers=headers)


def counted(app: Flask) -> tuple[int, int]:
    """(now, today)."""
    with app.app_context():
        found = service.count()
    return found["activeUsers"], found["visitorsToday"]


@pytest.fixture
def minutes_later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock of visits."""
    begun = shop.now().timestamp()
    monkeypatch.setattr("blueprints.activity.service.time.time", lambda: begun)

    def move(minutes: float) -> None:
        later = begun + 60 * minutes
        monkeypatch.setattr("blueprints.activity.service.time.time", lambda: later)

    return move


def test_each_visitor_counts_once(app: Flask, client: FlaskClient) -> None:
    for visitor in ("ada", "grace", "ada", "ada"):
        assert seen(client, visitor).status_code == 204

    assert counted(app) == (2, 2)


def test_who_was_there_five_minutes_ago_is_not_there_now(
    app: Flask, client: FlaskClient, minutes_later: Callable[[float], None]
) -> None:
    seen(client, "ada")
    minutes_later(3)
    seen(client, "grace")
    assert counted(app) == (2, 2)
    minutes_later(5)
    assert counted(app) == (1, 2)
    minutes_later(9)
    assert counted(app) == (0, 2)


def test_it_is_counted_within_a_percent_or_two(app: Flask) -> None:
    with app.app_context():
        for number in range(3_000):
            service.seen(f"visitor {number}")

    now, today = counted(app)

    assert now == pytest.approx(3_000, rel=0.03)
    assert today == now


def test_nothing_about_a_person_is_kept(client: FlaskClient, app: Flask) -> None:
    seen(client, "ada@shop.test")

    everything = b"".join(
        redis.commands.dump(key) or b""
        for key in redis.commands.scan_iter()
        if b"LIMITS" not in key.upper()
    )
    assert everything
    assert b"ada" not in everything
    for key in redis.commands.scan_iter("flashboard:visitors:*"):
        assert 0 < redis.commands.ttl(key) <= 2 * 24 * 3600


def test_a_beacon_can_only_send_plain_text(app: Flask, client: FlaskClient) -> None:
    body = json.dumps({"visitor": "ada"})

    answer = client.post("/api/activity", data=body, content_type="text/plain;charset=UTF-8")

    assert answer.status_code == 204
    assert counted(app) == (1, 1)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "ada",
        "[]",
        "{}",
        '{"visitor": ""}',
        '{"visitor": 7}',
        '{"visitor": "a", "name": "Ada"}',
        '{"visitor": "%s"}' % ("x" * 201),
        '{"visitor": "a\\u0000"}',
        '{"visitor": "\\ud800"}',
        "[" * 60_000,
        b'{"visitor": "\xff"}',
    ],
)
def test_what_is_no_visitor_is_refused(app: Flask, client: FlaskClient, body: str | bytes) -> None:
    answer = client.post("/api/activity", data=body)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert counted(app) == (0, 0)


def test_an_address_is_limited_and_others_are_not(app: Flask, client: FlaskClient) -> None:
    answers = [seen(client, "ada").status_code for _ in range(62)]

    assert answers == [204] * 60 + [429] * 2
    assert seen(client, "ada").headers["Retry-After"]
    other = {"REMOTE_ADDR": "192.0.2.7"}
    elsewhere = client.post("/api/activity", json={"visitor": "bo"}, environ_base=other)
    assert elsewhere.status_code == 204


@pytest.fixture
def storefront(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser, and a setting that names one storefront."""
    settings = app.config["SETTINGS"].model_copy(update={"storefront_origins": f"{SHOP}, x"})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    return app.test_client()


@pytest.mark.parametrize(("origin", "allowed"), [(SHOP, SHOP), ("https://evil.test", None)])
def test_browsers_may_send_it_from_the_storefront_alone(
    storefront: FlaskClient, origin: str, allowed: str | None
) -> None:
    asked = storefront.options("/api/activity", headers={"Origin": origin})
    answer = seen(storefront, "ada", Origin=origin)

    for each in (asked, answer):
        assert each.status_code == 204
        assert each.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Origin" in each.headers["Vary"]
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in asked.headers


def test_a_refusal_can_be_read_by_the_storefront(storefront: FlaskClient) -> None:
    answer = storefront.post("/api/activity", data="no", headers={"Origin": SHOP})

    assert answer.status_code == 422
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


def test_every_dashboard_is_told_at_most_once_in_two_seconds(
    till: Till, site: Live, token: TokenFactory
) -> None:
    with connect(site.url, token("stream:read"), channels="activity") as stream:
        assert stream.next().data["visitorsToday"] == 0
        for number in range(5):
            site.post("/api/activity", {"visitor": f"v{number}"})

        told = [stream.until("activity").data]
        while told[-1]["visitorsToday"] < 5:
            told.append(stream.until("activity").data)
        site.post("/api/activity", {"visitor": "one more"})
        told.append(stream.until("activity").data)

    assert (told[-1]["activeUsers"], told[-1]["visitorsToday"]) == (6, 6)
    times = [each["timestamp"] for each in told]
    gaps = [after - before for before, after in pairwise(times)]
    assert min(gaps) >= 1_900
