"""Readers that take nothing, by real sockets: what they cost, and when they are let go."""

import os
import socket

import gevent
import pytest

from blueprints.stream import board, fanout, handoff, publish
from tests.stream.desk import Desk

OWNER = "token:1"
links: list[socket.socket] = []


class Reader:
    """A client whose socket is handed off."""

    def __init__(self, desk, principal=OWNER):
        self.link, ours = socket.socketpair()
        for each, option in ((self.link, socket.SO_RCVBUF), (ours, socket.SO_SNDBUF)):
            each.setsockopt(socket.SOL_SOCKET, option, 4096)
        links.append(self.link)
        ours.setblocking(False)
        self.link.setblocking(False)
        self.fd = ours.detach()
        assert desk.hub.slots.acquire(principal, principal)
        cursor = desk.hub.open(None, "full", None)
        first = b"".join(desk.hub.first_bytes(cursor, None))
        desk.hub.fanout.add(self.fd, cursor, principal, "", first)

    def read(self):
        """All there is for it, until nothing more comes; None if the server has ended it."""
        received, idle = b"", 0
        while idle < 10:
            gevent.sleep(0.002)
            try:
                piece = self.link.recv(65536)
            except BlockingIOError:
                idle += 1
                continue
            if not piece:
                return received or None
            received, idle = received + piece, 0
        return received


@pytest.fixture
def desk(app):
    with app.app_context():
        board.rebuild(None, "a test begins")
        desk = Desk(app)
        yield desk
        desk.hub.fanout.close_all()
        desk.close()
        for link in links:
            link.close()
        links.clear()


def news(desk, count=1, size=3_000):
    for number in range(count):
        id = publish("news", {"n": number, "filling": "x" * size})
        desk.deliver()
    return id.encode()


def test_a_stuck_reader_holds_one_piece_and_not_the_news_since(desk):
    stuck, fine = Reader(desk), Reader(desk)
    for _ in range(12):
        last = news(desk)
        assert last in fine.read()
    client = desk.hub.fanout._clients[stuck.fd]
    assert client.unsent is not None
    assert len(client.unsent) < 8_000


def test_who_reads_again_gets_the_rest_of_the_frame_and_then_what_followed(desk):
    stuck = Reader(desk)
    last = news(desk, 12)
    wire = stuck.read()
    assert last in wire
    assert wire.count(b"\n\n") == wire.count(b"\nid: ") + 1
    after = news(desk)
    assert after in stuck.read()


def test_who_fell_off_the_ring_gets_init_when_it_reads_again(desk, monkeypatch):
    monkeypatch.setattr("blueprints.stream.ring.MAX_FRAMES", 8)
    stuck = Reader(desk)
    last = news(desk, 20)
    wire = stuck.read()
    assert wire.count(b"event: init") == 2
    assert b'"recovered":false' in wire
    assert b"id: " + last in wire


def test_who_takes_nothing_for_long_is_closed_and_the_others_stay(desk, monkeypatch):
    stuck, fine = Reader(desk), Reader(desk)
    for _ in range(12):
        news(desk)
        fine.read()
    desk.hub.fanout.close_stuck()
    assert desk.hub.slots.open == 2
    monkeypatch.setattr(fanout, "STUCK_SECONDS", 0.0)
    desk.hub.fanout.close_stuck()
    assert desk.hub.slots.open == 1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(stuck.fd)
    assert news(desk) in fine.read()


@pytest.mark.parametrize("principal", ["token:1", "token:2"])
def test_the_streams_of_one_are_ended_with_a_retry_and_no_others(desk, principal):
    readers = {each: Reader(desk, each) for each in ("token:1", "token:2")}
    for reader in readers.values():
        assert b"event: init" in reader.read()
    desk.hub.end_streams_of(principal)
    assert readers.pop(principal).read().startswith(b"retry: ")
    [other] = readers.values()
    assert news(desk) in other.read()
    assert desk.hub.slots.principals() == set(readers)


def test_a_stream_that_arrives_while_the_worker_goes_is_ended_too(desk):
    early = Reader(desk)
    early.read()
    desk.hub.drain()
    late = Reader(desk)
    assert late.read().count(b"retry: ") == 2
    assert late.read() is None
    assert desk.hub.slots.open == 0


def test_a_reader_that_hangs_up_is_gone_at_once_and_noise_is_ignored(desk):
    reader = Reader(desk)
    reader.read()
    reader.link.send(b"noise")
    gevent.sleep(0.01)
    assert desk.hub.slots.open == 1
    reader.link.close()
    gevent.sleep(0.01)
    assert desk.hub.slots.open == 0


@pytest.mark.parametrize(("heartbeat", "bound"), [(15, 15_000), (2, 10_000)])
def test_the_kernel_gives_up_on_who_vanished_within_two_heartbeats(heartbeat, bound):
    with socket.create_server(("127.0.0.1", 0)) as server:
        reader = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
    with reader, ours:
        handoff.prepare(ours, heartbeat)
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == bound
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
