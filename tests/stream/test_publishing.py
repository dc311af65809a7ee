"""Publishing from other services: over HTTP with an id, over Redis without; what is refused."""

import http.client
import json
import secrets

import pytest

from tests.live import Answer

KIB = 1024


def test_what_is_published_over_http_reaches_all_with_the_id_that_was_answered(shop, site):
    with shop.connect(site) as stream:
        stream.until("init")
        id = shop.publish("weather", sunny=True, note="a\nb \u2028 ü")
        # Another worker's test may have published weather of its own just before.
        event = stream.until(lambda event: event.id == id)
    assert event.event == "weather"
    assert {**event.data, "timestamp": 0} == {
        "sunny": True,
        "note": "a\nb \u2028 ü",
        "timestamp": 0,
    }


def test_members_that_look_like_the_engines_own_do_no_harm(shop, site):
    own = {"raw": False, "eventId": "0-0", "timestamp": 5, "ordersToday": -1, "orders": 7}
    with shop.connect(site) as stream:
        before = stream.until("init").data
        shop.publish("orders", **own)
        event = stream.until("orders")
        shop.publish("news", n=1)
        assert stream.until("news").data["n"] == 1
    assert event.data["timestamp"] > 1_600_000_000_000
    assert event.data["ordersToday"] == before["ordersToday"]
    assert shop.look(site)["ordersToday"] == before["ordersToday"]
    assert shop.look(site)["live"] is True


@pytest.mark.parametrize("channel", ["orders", "alerts", "inventory", "activity", "revenue"])
def test_an_empty_object_may_be_published_on_any_channel(shop, site, channel):
    with shop.connect(site, channels=channel) as stream:
        stream.until("init")
        id = shop.publish(channel)
        assert stream.until(lambda event: event.id == id).event == channel


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[1]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b"{", 400),
        (b'{"a":NaN}', 400),
        (b'{"a":1e999}', 400),
        (b'{"a":"\\ud800"}', 400),
        (b"\xff", 400),
        (b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400),
        (b'{"a":"' + b"x" * 65 * KIB + b'"}', 413),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_body_that_is_no_json_object_is_refused(shop, site, body, status):
    answer = post(shop, site, "news", body)
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_another_content_type_is_refused(shop, site):
    answer = post(shop, site, "news", b"{}", "text/plain")
    assert answer.status == 415


@pytest.mark.parametrize(
    "name", ["init", "clock", "status", "heartbeat", "message", "News", "1a", "a" * 65, "a%0Ab"]
)
def test_names_of_the_engine_and_names_that_are_none_are_refused(shop, site, name):
    answer = post(shop, site, name, b"{}")
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == "channel"


def test_publishing_takes_its_scope(shop, site, narrow_token):
    answer = site.post("/api/metrics/news", {}, token=narrow_token)
    assert answer.status == 403
    assert site.post("/api/metrics/news", {}).status == 401


def test_what_other_programs_say_in_redis_reaches_all_without_an_id(shop, site):
    with shop.connect(site) as stream:
        last = stream.until("init").id
        assert shop.say("weather", b'{"sunny":true}') >= 2
        event = stream.until("weather")
        assert event.id is None
        assert event.data["sunny"] is True
        assert event.data["timestamp"] > 1_600_000_000_000
        assert stream.last_event_id == last


def test_what_other_programs_say_is_not_repeated_to_who_comes_back(shop, site):
    with shop.connect(site) as stream:
        last = stream.until("init").id
    shop.say("weather", b'{"n":1}')
    ids = [shop.publish("news", n=1)]
    shop.say("weather", b'{"n":2}')
    ids.append(shop.publish("news", n=2))
    with shop.connect(site, last_event_id=last) as stream:
        seen = [stream.until(lambda event: event.event in ("news", "weather")) for _ in ids]
    assert [event.id for event in seen] == ids


@pytest.mark.parametrize(
    ("channel", "message", "why"),
    [
        ("news", b"[1]", "object"),
        ("news", b"7", "object"),
        ("news", b"", "json"),
        ("news", b"not json", "json"),
        ("news", b"\xff", "json"),
        ("news", b'{"a":NaN}', "json"),
        ("news", b'{"a":1e999}', "json"),
        ("news", b'{"a":"\\ud800"}', "json"),
        ("news", b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", "json"),
        ("news", b'{"a":"' + b"x" * 64 * KIB + b'"}', "size"),
        ("init", b"{}", "name"),
        ("heartbeat", b"{}", "name"),
        ("a\nb", b"{}", "name"),
        ("", b"{}", "name"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_event_is_dropped_counted_and_logged_and_the_stream_lives_on(
    shop, site, channel, message, why
):
    with shop.connect(site) as stream:
        stream.until("init")
        before = site.meter("events_dropped_total", why=why)
        shop.say(channel, message)
        shop.say("weather", b'{"n":1}')
        assert stream.until(lambda event: event.event != "heartbeat").event == "weather"
    assert site.meter("events_dropped_total", why=why) == before + 1
    assert '"message dropped"' in site.log


@pytest.mark.parametrize(
    "forged",
    [
        {"eventId": "{epoch}-{next}", "n": 1},
        {"eventId": "{epoch}-{next}", "raw": True, "n": 1},
        {"eventId": "{epoch}-1", "timestamp": 1},
        {"eventId": "00000000-5", "timestamp": 1},
        {"eventId": "{epoch}-" + "9" * 400, "timestamp": 1},
    ],
    ids=str,
)
def test_a_message_that_poses_as_an_event_loses_nothing_for_anybody(shop, site, forged):
    with shop.connect(site) as stream:
        epoch, _, seq = str(stream.until("init").id).partition("-")
        text = json.dumps(forged, separators=(",", ":"))
        text = text.replace("{epoch}", epoch).replace("{next}", str(int(seq) + 1))
        shop.say("news", text.encode())
        id = shop.publish("bulletin", n=2)
        event = stream.until(lambda event: event.event in ("bulletin", "init"))
    assert (event.id, event.event) == (id, "bulletin")
    assert shop.look(site)["live"] is True


def test_redis_subscribers_of_the_shops_own_see_our_events(shop, site):
    subscription = shop.redis.pubsub(ignore_subscribe_messages=True)
    subscription.subscribe("metrics:orders")
    subscription.get_message(timeout=1)
    order = shop.order(shop.product(50))
    message = None
    while message is None:
        message = subscription.get_message(timeout=5)
    subscription.close()
    data = json.loads(message["data"])
    assert data["order"]["id"] == order
    assert data["eventId"]


def post(shop, site, channel, body, content_type="application/json"):
    link = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    headers = {"Authorization": f"Bearer {shop.token}", "Content-Type": content_type}
    link.request("POST", f"/api/metrics/{channel}", body, headers)
    answer = link.getresponse()
    found = Answer(answer.status, answer.headers, answer.read())
    link.close()
    return found


def test_the_same_key_publishes_once(shop, site):
    headers = {"Idempotency-Key": secrets.token_hex()}

    def post(data: dict[str, int]) -> Answer:
        return site.post("/api/metrics/weather", data, token=shop.token, headers=headers)

    with shop.connect(site) as stream:
        stream.until("init")
        first, again, other = post({"n": 1}), post({"n": 1}), post({"n": 2})
        shop.publish("weather", n=3)
        events = [stream.until("weather").data["n"] for _ in range(2)]
    assert (first.status, again.status, other.status) == (202, 202, 422)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert events == [1, 3]
