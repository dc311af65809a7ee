"""At the limit a stream is refused before it begins, and everything else is still answered."""

import json

import pytest

from embedded.processes import wait


def refused(shop, site, **options):
    stream = shop.connect(site, **options)
    problem = json.loads(stream.body())
    stream.close()
    assert stream.status == problem["status"] == 503
    assert stream.headers["content-type"] == "application/problem+json"
    assert int(stream.headers["retry-after"]) > 0


def still_answers(shop, site):
    assert site.get("/healthz").status == 200
    product = shop.product(5)
    body = {"customer": "Ada", "items": [{"productId": product, "quantity": 1}]}
    assert site.post("/api/orders", body, token=shop.token).status == 201


def test_at_the_workers_limit_the_next_is_refused_and_none_is_thrown_out(shop, own_site, way):
    site = own_site(STREAM_HANDOFF=way, STREAM_MAX_CLIENTS="5")
    streams = [shop.connect(site) for _ in range(5)]
    for stream in streams:
        stream.until("init")
    refused(shop, site)
    still_answers(shop, site)
    assert site.meter("streams_refused_total") == 1
    id = shop.publish("news", n=1)
    for stream in streams:
        assert stream.until(lambda event: event.id == id)
    streams[0].close()
    streams[0] = _as_soon_as_there_is_room(shop, site)
    for stream in streams:
        stream.close()


def test_one_caller_cannot_take_the_places_of_all(shop, own_site, way, other_token):
    site = own_site(STREAM_HANDOFF=way, STREAM_MAX_PER_USER="2")
    streams = [shop.connect(site) for _ in range(2)]
    for stream in streams:
        stream.until("init")
    refused(shop, site)
    with shop.connect(site, token=other_token) as other:
        assert other.until("init")
    for stream in streams:
        stream.close()


def test_streams_that_hold_the_servers_connections_leave_some_for_orders(shop, own_site):
    site = own_site(STREAM_HANDOFF="0", GUNICORN_CMD_ARGS="--worker-connections 12")
    streams = [shop.connect(site) for _ in range(9)]
    for stream in streams:
        stream.until("init")
    refused(shop, site)
    still_answers(shop, site)
    for stream in streams:
        stream.close()


def test_streams_that_are_handed_off_hold_no_connection_of_the_server(shop, own_site):
    site = own_site(STREAM_HANDOFF="1", GUNICORN_CMD_ARGS="--worker-connections 12")
    streams = [shop.connect(site) for _ in range(40)]
    for stream in streams:
        stream.until("init")
    still_answers(shop, site)
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("soft", [1_024, 700])
def test_the_limit_of_open_files_is_raised_and_is_the_cap(shop, soft):
    import subprocess
    import sys

    code = (
        "import resource as r\n"
        f"r.setrlimit(r.RLIMIT_NOFILE, ({soft}, 2_000))\n"
        "from blueprints.stream.slots import Slots\n"
        "print(Slots(50_000, 1).most, r.getrlimit(r.RLIMIT_NOFILE)[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(2_000 - 512), "2000"]


def _as_soon_as_there_is_room(shop, site):
    found = []

    def come() -> bool:
        found.append(shop.connect(site))
        return found[-1].status == 200

    assert wait(come, seconds=10)
    for stream in found[:-1]:
        stream.close()
    found[-1].until("init")
    return found[-1]
