"""/healthz asks nobody; /readyz names what does not answer, and lets nothing else out."""

import time

import pytest


def until_ready(server, status):
    """The first answer of /readyz with that status."""
    deadline = time.monotonic() + 10
    while (answer := server.get("/readyz")).status != status:
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer


def test_a_live_process_says_so_to_everybody(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_when_all_parts_answer(site):
    checks = until_ready(site, 200).json["checks"]
    assert checks == {"postgres": "ok", "redis": "ok", "feed": "ok"}


def test_without_a_hub_the_feed_has_not_started(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["feed"] == "The feed has not started"
    assert answer.content_type == "application/problem+json"


@pytest.mark.faults
@pytest.mark.parametrize(
    ("part", "reason"),
    [("redis", "Redis does not answer"), ("postgres", "Postgres does not answer")],
)
def test_what_is_away_is_named_and_the_process_stays_healthy(live, own_servers, part, reason):
    servers = own_servers()
    server = live(servers=servers)
    until_ready(server, 200)
    getattr(servers, part).stop()
    answer = until_ready(server, 503)
    assert answer.json["checks"][part] == reason
    assert reason in answer.json["detail"]
    assert answer.headers["Retry-After"]
    for telling in (b"Error", b"/", b"connect"):
        assert telling not in answer.body.replace(b"https://flashboard.dev/problems/not-ready", b"")
    assert server.get("/healthz").status == 200
    getattr(servers, part).start()
    until_ready(server, 200)


@pytest.mark.faults
def test_it_boots_with_both_away_and_is_ready_when_they_come(live, own_servers):
    servers = own_servers()
    servers.stop()
    server = live(servers=servers)
    assert server.get("/healthz").status == 200
    assert server.get("/readyz").status == 503
    servers.start()
    until_ready(server, 200)
