"""A reader of event streams for tests: real HTTP, read when asked, never without a deadline."""

import json
import re
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 10
# A line ends in \r\n, \n or \r; a \r at the end of what is here may yet be followed by its \n.
LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r(?!\Z))")


class Event(NamedTuple):
    """A dispatched event. `id` is the id of its own frame, None where the frame has none."""

    event: str
    id: str | None
    data: Any


class Ended(Exception):
    """The server ended the stream."""


class Stream:
    """One connection to an event stream. Nothing is read ahead, so not asking is being slow."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        last_event_id: str | None = None,
        channels: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT_SECONDS,
        receive_buffer: int | None = None,
        trust: ssl.SSLContext | None = None,
    ):
        parts = urlsplit(url)
        query = "&".join(
            filter(None, [parts.query, urlencode({"channels": channels}) if channels else ""])
        )
        sent = {"Host": parts.netloc, "Accept": "text/event-stream", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if last_event_id:
            sent["Last-Event-ID"] = last_event_id
        self.retry: int | None = None
        self.comments: list[str] = []
        self.last_event_id = last_event_id
        self._timeout = timeout
        self._raw = b""
        self._body = b""
        self._fields: dict[str, list[str]] = {}
        self._ended = False
        self._socket = socket.socket()
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        target = f"{parts.path}{'?' if query else ''}{query}"
        try:
            self._socket.settimeout(timeout)
            self._socket.connect((parts.hostname or "", parts.port or 80))
            if trust:
                self._socket = trust.wrap_socket(self._socket, server_hostname=parts.hostname)
            self._socket.sendall(f"GET {target} HTTP/1.1\r\n{head}\r\n".encode())
            self.status, self.headers = self._read_head(time.monotonic() + timeout)
        except BaseException:
            self._socket.close()
            raise
        self._chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"

    def next(self, timeout: float | None = None) -> Event:
        """The next event. Raises Ended, or TimeoutError."""
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        while True:
            event = self._parsed()
            if event:
                return event
            self._read_more(deadline)

    def until(self, wanted: str | Callable[[Event], object], timeout: float | None = None) -> Event:
        """The next event of that name, or for which the function is true; others are skipped."""
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        matches = (lambda event: event.event == wanted) if isinstance(wanted, str) else wanted
        while True:
            event = self.next(max(deadline - time.monotonic(), 0))
            if matches(event):
                return event

    def during(self, seconds: float) -> list[Event]:
        """All that arrives in that time."""
        deadline = time.monotonic() + seconds
        events = []
        try:
            while True:
                events.append(self.next(max(deadline - time.monotonic(), 0)))
        except (TimeoutError, Ended):
            return events

    def body(self, timeout: float | None = None) -> bytes:
        """The whole rest of the response, for an answer that is no stream."""
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        length = int(self.headers.get("content-length", -1))
        try:
            while length < 0 or len(self._body) < length:
                self._read_more(deadline)
        except Ended:
            pass
        return self._body

    def wait_end(self, timeout: float | None = None) -> list[Event]:
        """What still arrives before the server ends the stream, or raises TimeoutError."""
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        events = []
        try:
            while True:
                events.append(self.next(max(deadline - time.monotonic(), 0)))
        except Ended:
            return events

    def close(self) -> None:
        """End the connection as a browser tab does."""
        self._socket.close()

    def cut(self) -> None:
        """Reset the connection, as a lost network does."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def __iter__(self) -> Iterator[Event]:
        try:
            while True:
                yield self.next()
        except Ended:
            return

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_head(self, deadline: float) -> tuple[int, dict[str, str]]:
        while b"\r\n\r\n" not in self._raw:
            self._receive(deadline)
        head, _, self._raw = self._raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.split(":", 1) for line in lines)
        return int(first.split()[1]), {name.lower(): value.strip() for name, value in pairs}

    def _receive(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the stream was silent")
        self._socket.settimeout(left)
        try:
            received = self._socket.recv(65536)
        except ConnectionResetError:
            received = b""
        if not received:
            raise Ended
        self._raw += received

    def _read_more(self, deadline: float) -> None:
        """Move at least one more piece of the body out of its transfer coding."""
        if self._ended:
            raise Ended
        if not self._chunked:
            if not self._raw:
                self._receive(deadline)
            self._body, self._raw = self._body + self._raw, b""
            return
        while not (chunk := re.match(rb"([0-9a-fA-F]+)[^\r\n]*\r\n", self._raw)):
            self._receive(deadline)
        size, start = int(chunk[1], 16), chunk.end()
        while len(self._raw) < start + size + 2:
            self._receive(deadline)
        self._body += self._raw[start : start + size]
        self._raw = self._raw[start + size + 2 :]
        if size == 0:
            self._ended = True
            raise Ended

    def _parsed(self) -> Event | None:
        """Take whole lines off what has arrived, up to the end of an event."""
        while line := LINE.match(self._body):
            self._body = self._body[line.end() :]
            if line[1]:
                self._note(line[1].decode())
            elif event := self._dispatched():
                return event
        return None

    def _note(self, line: str) -> None:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "":
            self.comments.append(value)
        elif field == "retry":
            self.retry = int(value)
        else:
            self._fields.setdefault(field, []).append(value)

    def _dispatched(self) -> Event | None:
        fields, self._fields = self._fields, {}
        event_id = fields.get("id", [None])[-1]
        self.last_event_id = event_id or self.last_event_id
        if "data" not in fields:
            return None
        return Event(
            fields.get("event", ["message"])[-1], event_id, json.loads("\n".join(fields["data"]))
        )


def connect(url: str, token: str | None = None, **options: Any) -> Stream:
    """Open `url`/api/stream/metrics; see Stream for the options."""
    return Stream(f"{url}/api/stream/metrics", token, **options)
