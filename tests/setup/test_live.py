"""The live gunicorn of the tests is the one of production, and ends well."""

from tests import sse


def test_a_live_server_answers_and_ends(live):
    server = live(workers=2)
    assert server.get("/healthz").status == 200
    assert len(server.workers) == 2
    server.stop()
    assert server.process.returncode == 0


def test_the_cast_is_known_at_a_live_server(site, operator, stranger, token):
    assert site.get("/", headers=operator.headers).status == 200
    assert site.get("/api/metrics", headers=stranger.headers).status == 401
    assert site.get("/api/metrics", token=token("stream:read")).status == 200


def test_a_stream_begins(site, token):
    with sse.connect(site.url, token("stream:read")) as stream:
        assert stream.next().event == "init"
        assert stream.retry
