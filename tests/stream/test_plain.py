"""The generator by itself: what it holds on to, and when it gives its slot back."""

import gc
import sys
from itertools import islice

import pytest
from flask import g

from blueprints.stream import board, plain
from tests.stream.desk import Desk

OWNER = "token:1"


@pytest.fixture
def desk(app):
    with app.test_request_context():
        g.request_id = "of-a-test"
        board.rebuild(None, "a test begins")
        desk = Desk(app)
        yield desk
        desk.close()


def opened(desk, first):
    """A stream's response, as the view returns it."""
    assert desk.hub.slots.acquire(OWNER, OWNER, plain=True)
    cursor = desk.hub.open(None, "full", None)
    desk.hub.first_bytes(cursor, None)
    return plain.streamed(desk.hub, cursor, OWNER, first, {})


def test_who_goes_before_the_first_chunk_leaves_no_slot_behind(desk):
    response = opened(desk, [b"retry: 1\n\n"])
    assert desk.hub.slots.open == 1
    response.close()
    assert desk.hub.slots.open == 0


def test_a_response_that_nobody_sends_leaves_no_slot_behind(desk):
    response = opened(desk, [b"retry: 1\n\n"])
    del response
    gc.collect()
    assert desk.hub.slots.open == 0


def test_the_beginning_is_not_kept_once_it_is_sent(desk):
    beginning = b"data: the whole board, " + bytes(10_000)
    held = sys.getrefcount(beginning)
    response = opened(desk, [b"retry: 1\n\n", beginning])
    sent = islice(response.response, 2)
    assert [len(each) for each in sent] == [10, len(beginning)]
    desk.hub.heartbeat()
    desk.hub.flush()
    assert b"event: heartbeat" in next(response.response)
    assert sys.getrefcount(beginning) == held
    response.close()
