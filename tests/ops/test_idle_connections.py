"""A stop while browsers keep connections open between requests: no error, nowhere."""

import socket

import pytest

from tests.conftest import LiveFactory

OK = b'{"status":"ok"}\n'
ASK = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def connections():
    """Opens connections to a server, and sends some bytes."""
    opened: list[socket.socket] = []

    def open_one(port: int, sent: bytes) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", port), timeout=10)
        opened.append(link)
        link.sendall(sent)
        return link

    yield open_one
    for link in opened:
        link.close()


@pytest.mark.faults
def test_idle_connections_are_closed_without_a_word(live: LiveFactory, connections) -> None:
    server = live()
    idle = connections(server.port, ASK)
    answer = b""
    while not answer.endswith(OK):
        answer += idle.recv(65536)
    begun = connections(server.port, b"GET /heal")

    server.stop()  # fails on any traceback in the log

    assert idle.recv(65536) == b""
    assert begun.recv(65536) == b""
    assert "Error handling request" not in server.log


def test_what_is_wrong_with_a_request_is_still_answered_and_logged(
    live: LiveFactory, connections
) -> None:
    server = live()

    wrong = connections(server.port, b"NONSENSE\r\n\r\n")

    assert wrong.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert "Invalid request from ip=127.0.0.1" in server.log
