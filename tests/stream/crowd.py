"""Hundreds of dashboards in one thread: opened together, read together."""

import ctypes
import re
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from tests.stream.shop import Site

ID = re.compile(rb"\nid: ([0-9a-f]+-[0-9]+)\n")
WAIT_SECONDS = 30
# linux/bpf_common.h and asm-generic/socket.h: a filter of one instruction, "keep 0 bytes".
BPF_RETURN = 0x06
SO_ATTACH_FILTER = 26


class Member:
    """One dashboard: all that it was sent, without HTTP's chunks if there are any."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.received = bytearray()
        self.ended_at: float | None = None

    @property
    def status(self) -> int:
        """The answer's status, 0 before it is there."""
        return int(self.received[9:12] or 0)

    @property
    def last_id(self) -> str:
        """The id of the last whole event."""
        whole = self.received[: self.received.rfind(b"\n\n") + 2]
        return ID.findall(bytes(whole))[-1].decode()

    @property
    def ids(self) -> list[str]:
        """The ids of all events, that of `init` too."""
        return [id.decode() for id in ID.findall(bytes(self.received))]

    def vanish(self) -> None:
        """Be gone without a word: the kernel drops all that comes, so nothing is acknowledged."""
        nothing = ctypes.create_string_buffer(struct.pack("HBBI", BPF_RETURN, 0, 0, 0))
        program = struct.pack("HL", 1, ctypes.addressof(nothing))
        self.link.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def cut(self) -> None:
        """Reset the connection."""
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.link.close()


class Crowd:
    """Dashboards at one site; `read_until` reads them all."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self._selector = selectors.DefaultSelector()

    def open(
        self,
        site: Site,
        token: str,
        count: int = 1,
        last_ids: Sequence[str] | None = None,
        receive_buffer: int | None = None,
        read: bool = True,
    ) -> list[Member]:
        """Open that many, or one for each last id. Without `read`, they never read."""
        opened = []
        for last in last_ids or [""] * count:
            link = socket.socket()
            if receive_buffer:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            link.connect(("127.0.0.1", site.port))
            resume = f"Last-Event-ID: {last}\r\n" if last else ""
            link.sendall(
                f"GET /api/stream/metrics HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {token}\r\n{resume}\r\n".encode()
            )
            link.setblocking(False)
            opened.append(Member(link))
            if read:
                self._selector.register(link, selectors.EVENT_READ, opened[-1])
        self.members += opened
        return opened

    def read_until(self, done: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
        """Read until the condition holds."""
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, "the crowd waits in vain"
            for key, _ in self._selector.select(0.02):
                self._read(key.data)

    def read_for(
        self, members: Iterable[Member], text: bytes, seconds: float = WAIT_SECONDS
    ) -> None:
        """Read until each of them was sent the text."""
        waiting = set(members)

        def all_have_it() -> bool:
            waiting.difference_update([each for each in waiting if text in each.received])
            return not waiting

        self.read_until(all_have_it, seconds)

    def read_to_the_end(self, members: Iterable[Member], seconds: float = WAIT_SECONDS) -> None:
        """Read until each of them was ended by the server."""
        listed = list(members)
        self.read_until(lambda: all(each.ended_at for each in listed), seconds)

    def _read(self, member: Member) -> None:
        try:
            received = member.link.recv(1 << 18)
        except BlockingIOError:
            return
        except ConnectionResetError:
            received = b""
        member.received += received
        if not received:
            member.ended_at = time.monotonic()
            self._selector.unregister(member.link)
            member.link.close()

    def leave(self, members: Iterable[Member], *, reset: bool = False) -> None:
        """They are gone, by FIN or by RST."""
        for each in list(members):
            if each.ended_at is None and each.link.fileno() >= 0:
                if each.link in self._selector.get_map():
                    self._selector.unregister(each.link)
                each.cut() if reset else each.link.close()
            self.members.remove(each)


@contextmanager
def crowd() -> Iterator[Crowd]:
    """A crowd that is gone afterwards."""
    found = Crowd()
    try:
        yield found
    finally:
        found.leave(found.members)
