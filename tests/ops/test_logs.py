"""One line an event: who asked for what, what they got, in how long; nothing that is secret."""

import gzip
import http.server
import json
import subprocess
import sys
import threading
import time

import pytest

from tests.live import ROOT
from tests.sse import connect

FIELDS = {
    *("event", "level", "logger", "timestamp", "request_id"),
    *("method", "path", "principal", "address", "status", "ms"),
}


def lines(server):
    return [json.loads(line) for line in server.log.splitlines()]


def line_of(server, request_id):
    """The one line of a request; it may be written a moment after the answer."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = [each for each in lines(server) if each.get("request_id") == request_id]
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(server.log)


def test_a_request_is_one_line_with_who_and_what(site, token):
    sent = {"X-Request-Id": "my-own-id.1"}
    answer = site.get("/api/orders?limit=5", token=token("stream:read"), headers=sent)
    assert answer.headers["X-Request-Id"] == "my-own-id.1"
    (line,) = line_of(site, "my-own-id.1")
    assert line.keys() == FIELDS
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/orders", 200)
    assert line["principal"].startswith("token:")
    assert 0 < line["ms"] < 5000


def test_a_problem_carries_the_id_of_its_line(site):
    problem = site.get("/api/orders").json
    (line,) = line_of(site, problem["requestId"])
    assert (line["status"], line["principal"]) == (401, None)


def test_an_id_that_could_forge_a_line_is_not_taken(site):
    answer = site.get("/api/orders", headers={"X-Request-Id": 'a" "b'})
    assert answer.headers["X-Request-Id"] != 'a" "b'


@pytest.mark.parametrize("handoff", ["1", "0"])
def test_a_stream_has_its_line_when_it_ends(live, token, handoff):
    site = live(STREAM_HANDOFF=handoff)
    with connect(site.url, token("stream:read"), headers={"X-Request-Id": "a-stream"}) as stream:
        assert stream.next().event == "init"
    (ended,) = line_of(site, "a-stream")
    assert (ended["event"], ended["reason"]) == ("stream ended", "gone")
    assert ended["frames"] >= 1
    assert ended["bytes"] > 100
    assert ended["principal"].startswith("token:")
    assert ended["seconds"] >= 0


def test_every_line_is_json_where_no_terminal_is(live):
    server = live()
    server.get("/")
    server.stop()
    for line in lines(server):
        assert {"event", "level", "logger", "timestamp"} <= line.keys()


def test_health_is_logged_only_when_it_fails(live):
    server = live()
    for _ in range(3):
        server.get("/healthz")
    assert '"/healthz"' not in server.log


def test_a_command_keeps_its_stdout_for_what_it_prints(servers, settings_of_tests, app):
    output = servers.flask("catalog", "sample", **settings_of_tests)
    assert output == "A sample shop: " + output.split(": ", 1)[1]
    assert "board rebuilt" not in output


FAILING = """
import app
made = app.create_app()
@made.get("/fails")
def fails():
    customer = " ".join(["Ada", "Secret"])
    raise RuntimeError("it broke")
fails.rule = __import__("blueprints.auth.requires", fromlist=["Rule"]).Rule(public=True)
# Put together here, because a line of source is part of what Sentry gets.
token, cookie = "_".join(["fb", "secret"]), "kie".join(["c00", ""])
headers = {"Cookie": "flashboard=" + cookie, "Authorization": "Bearer " + token}
answer = made.test_client().get("/fails?token=" + token, headers=headers)
assert answer.status_code == 500, answer
import sentry_sdk
sentry_sdk.flush(5)
"""


@pytest.fixture
def sentry():
    """A server that takes what is sent to Sentry: its address, and what came."""
    received = []

    class Takes(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", received
    server.shutdown()
    server.server_close()


def test_an_error_goes_to_sentry_without_anything_secret(servers, settings_of_tests, sentry):
    address, received = sentry
    environment = {**settings_of_tests, **servers.environment, "SENTRY_DSN": address}
    done = subprocess.run(
        [sys.executable, "-c", FAILING],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sent = b"".join(gzip.decompress(each) if each[:2] == b"\x1f\x8b" else each for each in received)
    assert b"it broke" in sent
    for secret in (b"fb_secret", b"c00kie", b"Ada Secret"):
        assert secret not in sent
