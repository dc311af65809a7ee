"""Behind a real nginx as it is without any setting: HTTP/1.0 upstream, buffering on, gzip on."""

import socket
import subprocess
import time

import pytest

from tests.live import request
from tests.machine import nginx
from tests.sse import connect

CONFIGURATION = """
daemon off; master_process off; pid {directory}/nginx.pid; error_log stderr;
events {{ }}
http {{
  access_log off; gzip on;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass {upstream}; }}
  }}
}}
"""
EVENTS = 5
GAUGE = "flashboard_streams_open "


@pytest.fixture
def proxied(site, tmp_path):
    """The address of an nginx in front of the site."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = tmp_path / "nginx.conf"
    file.write_text(CONFIGURATION.format(directory=tmp_path, port=port, upstream=site.url))
    program = nginx()
    assert program, "No nginx: `make test` installs one."
    with subprocess.Popen([program, "-c", str(file), "-p", str(tmp_path)]) as server:
        await_port(port, server)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def await_port(port, server):
    deadline = time.monotonic() + 10
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("nginx did not come up")


@pytest.fixture
def order(site, token, proxied):
    """Places an order through the proxy; its id."""
    secret = token("orders:write", "products:write")
    product = {"sku": "A-1", "name": "Mug", "price": 9.5, "remaining": 50}
    assert site.post("/api/products", product, token=secret).status == 201
    body = {"customer": "Ada", "items": [{"sku": "A-1", "quantity": 1}]}

    def place():
        answer = request("POST", f"{proxied}/api/orders", body, token=secret)
        assert answer.status == 201
        return answer.json["id"]

    return place


def open_stream(proxied, token, **options):
    headers = {"Accept-Encoding": "gzip, deflate, br"}
    return connect(proxied, token("stream:read"), headers=headers, **options)


def test_each_event_arrives_before_the_next_one_happens(proxied, token, order):
    with open_stream(proxied, token) as stream:
        assert stream.next(2).event == "init"
        for _ in range(EVENTS):
            placed = order()
            # Would hang here for ever if the proxy waited for its buffer to fill.
            event = stream.until("orders", 2)
            assert event.data["order"]["id"] == placed
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in stream.headers


def test_what_was_missed_follows(proxied, token, order):
    with open_stream(proxied, token) as stream:
        stream.next(2)
        order()
        last = stream.until("orders", 2).id
    missed = order()
    with open_stream(proxied, token, last_event_id=last) as stream:
        event = stream.until(lambda each: each.event in {"orders", "init"}, 2)
        assert (event.event, event.data["order"]["id"]) == ("orders", missed)


def test_a_reader_that_leaves_the_proxy_is_noticed_by_us(site, proxied, token, order):
    def open_streams():
        lines = site.get("/metrics", token=reader).body.decode().splitlines()
        return next(float(each.split()[1]) for each in lines if each.startswith(GAUGE))

    reader = token("ops:read")
    before = open_streams()
    stream = open_stream(proxied, token)
    stream.next(2)
    assert open_streams() == before + 1
    stream.close()
    deadline = time.monotonic() + 5
    while open_streams() > before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
