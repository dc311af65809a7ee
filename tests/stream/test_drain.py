"""A worker that goes lets a thousand dashboards go at once, and they lose nothing."""

import os
import re
import signal
import time

import psutil
import pytest

from embedded.processes import wait
from tests.stream.crowd import crowd

DASHBOARDS = 1_000

pytestmark = pytest.mark.faults


def retry_at_the_end(member):
    return int(re.findall(rb"retry: ([0-9]+)\n", bytes(member.received))[-1])


def test_on_sigterm_all_are_let_go_with_a_retry_and_resume_with_nothing_lost(
    shop, own_site, way, elsewhere_than
):
    site, other = own_site(STREAM_HANDOFF=way), elsewhere_than(way)
    with crowd() as people:
        shop.look(site)
        members = people.open(site, shop.token, DASHBOARDS)
        people.read_for(members, b"event: init")
        seen = shop.publish("news", n=0)
        people.read_for(members, seen.encode())
        began = time.monotonic()
        site.sigterm()
        for number in range(1, 4):
            shop.publish("news", n=number)
        people.read_to_the_end(members)
        took = max(member.ended_at or 0.0 for member in members) - began
        assert site.process.wait(10) == 0
        gone = time.monotonic() - began
        waits = {retry_at_the_end(member) for member in members}
        last_ids = [member.last_id for member in members]
        missed = shop.publish("news", n=4)
        shop.look(other)
        again = people.open(other, shop.token, last_ids=last_ids)
        people.read_for(again, missed.encode())
    assert took < 3
    assert gone < 6
    assert len(waits) > 100
    assert all(200 <= wait <= 2_000 for wait in waits)
    for first, then in zip(members, again, strict=True):
        numbers = [int(id.partition("-")[2]) for id in first.ids + then.ids]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert {seen, missed} <= {*first.ids, *then.ids}
        assert b"event: init" not in then.received


def test_who_comes_while_a_worker_goes_is_sent_away_with_a_retry_and_no_error(shop, own_site, way):
    site = own_site(STREAM_HANDOFF=way)
    worker = site.workers[0]
    with crowd() as people:
        watching = people.open(site, shop.token, 1)
        people.read_for(watching, b"event: init")
        os.kill(worker, signal.SIGTERM)
        people.read_to_the_end(watching)
        # The worker still takes connections for up to a second; then the next one does.
        late = people.open(site, shop.token, 20)
        people.read_for(late, b"retry: ")
    assert {member.status for member in late} == {200}


@pytest.mark.parametrize("why", ["reload", "max_requests"])
def test_a_reload_and_a_worker_that_has_served_enough_do_the_same(shop, own_site, way, why):
    options = "--max-requests 40" if why == "max_requests" else ""
    site = own_site(STREAM_HANDOFF=way, GUNICORN_CMD_ARGS=options)
    worker = site.workers[0]
    with crowd() as people:
        members = people.open(site, shop.token, 20)
        people.read_for(members, b"event: init")
        if why == "reload":
            site.process.send_signal(signal.SIGHUP)
        else:
            for _ in range(40):
                site.get("/healthz")
        people.read_to_the_end(members, 15)
        missed = shop.publish("news", n=1)
        assert wait(lambda: not psutil.pid_exists(worker), seconds=10)
        again = people.open(site, shop.token, last_ids=[member.last_id for member in members])
        people.read_for(again, missed.encode())
    assert all(b"event: init" not in member.received for member in again)
