"""Requests as fast as they are answered, over kept connections, on raw sockets."""

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator

from bench.server import Server

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
SECONDS_TO_FINISH = 30.0


class Link:
    """A connection with one request under way."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=SECONDS_TO_FINISH)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def send(self, request: bytes) -> None:
        """Begin the next request."""
        self._received = b""
        self.socket.sendall(request)

    def status(self) -> int | None:
        """Take in what has come; the status once the answer is whole."""
        chunk = self.socket.recv(65536)
        if not chunk:
            raise RuntimeError("the server has ended a kept connection")
        self._received += chunk
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = _LENGTH.search(head)
        if length is None:
            raise RuntimeError("an answer without a length")
        return int(head[9:12]) if len(body) >= int(length[1]) else None


def answers_per_second(
    server: Server, requests: Iterator[bytes], connections: int, seconds: float
) -> tuple[float, Counter[int]]:
    """Requests answered a second, and how many of each status."""
    links = [Link(server.address) for _ in range(connections)]
    statuses: Counter[int] = Counter()
    with selectors.DefaultSelector() as selector:
        started = time.monotonic()
        for link in links:
            selector.register(link.socket, selectors.EVENT_READ, link)
            link.send(next(requests))
        while selector.get_map():
            for key, _ in selector.select(SECONDS_TO_FINISH):
                status = key.data.status()
                if status is None:
                    continue
                statuses[status] += 1
                if time.monotonic() - started < seconds:
                    key.data.send(next(requests))
                else:
                    selector.unregister(key.fileobj)
        took = time.monotonic() - started
    for link in links:
        link.socket.close()
    return statuses.total() / took, statuses
