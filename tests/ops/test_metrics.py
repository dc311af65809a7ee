"""GET /metrics answers for all workers at once, to whoever may ask."""

import os
import re
import signal
import time

import pytest

from tests.sse import connect


@pytest.fixture
def read(site, token):
    """A meter's value, summed over its labels that match."""
    secret = token("ops:read")

    def value(name, **labels):
        text = site.get("/metrics", token=secret).body.decode()
        wanted = [f'{label}="{content}"' for label, content in labels.items()]
        found = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE)
        return sum(float(number) for of, number in found if all(each in of for each in wanted))

    return value


def until(ask, wanted):
    deadline = time.monotonic() + 5
    while ask() != wanted:
        assert time.monotonic() < deadline, ask()
        time.sleep(0.05)


def test_requests_of_all_workers_are_counted_by_route_and_status(site, read):
    labels = {"method": "GET", "route": "/api/orders/<id:order_id>", "status": "401"}
    before = read("flashboard_http_requests_total", **labels)
    for number in range(40):  # a connection each, so that both workers get some
        site.get(f"/api/orders/{number}")
    assert read("flashboard_http_requests_total", **labels) == before + 40


def test_paths_and_unknown_methods_make_no_labels(site, read, token):
    site.get("/no/such/path/4711")
    site.request("BREW", "/api/orders")
    text = site.get("/metrics", token=token("ops:read")).body.decode()
    assert "4711" not in text
    assert "BREW" not in text
    assert read("flashboard_http_requests_total", route="none", status="404") >= 1
    assert read("flashboard_http_requests_total", method="other", status="405") >= 1


def test_latency_leaves_streams_out(site, read, token):
    route = {"route": "/api/stream/metrics"}
    opened = read("flashboard_http_requests_total", **route)
    with connect(site.url, token("stream:read")) as stream:
        stream.next()
        assert read("flashboard_http_requests_total", **route) == opened + 1
        assert read("flashboard_http_request_seconds_count", **route) == 0
    assert read("flashboard_http_request_seconds_count", route="/api/orders/<id:order_id>") > 0


def test_open_streams_are_added_up_over_workers(site, read, token):
    secret = token("stream:read")
    before = read("flashboard_streams_open")
    streams = [connect(site.url, secret) for _ in range(12)]
    until(lambda: read("flashboard_streams_open"), before + 12)
    for stream in streams:
        stream.close()
    until(lambda: read("flashboard_streams_open"), before)


def test_it_takes_a_token_with_its_scope(site, token):
    assert site.get("/metrics").status == 401
    assert site.get("/metrics", token=token("stream:read")).status == 403
    answer = site.get("/metrics", token=token("ops:read"))
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")


def test_it_may_be_made_public(live):
    assert live(METRICS_PUBLIC="1").get("/metrics").status == 200


def test_a_worker_that_is_gone_has_no_open_streams(live, token):
    server = live(METRICS_PUBLIC="1")
    stream = connect(server.url, token("stream:read"))
    stream.next()

    def open_streams():
        text = server.get("/metrics").body.decode()
        found = re.search(r"^flashboard_streams_open (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    until(open_streams, 1.0)
    os.kill(server.workers[0], signal.SIGKILL)
    stream.close()
    until(open_streams, 0.0)
    server.kill9()
