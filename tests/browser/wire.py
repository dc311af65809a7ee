"""A wire between browser and server that can be cut, fall silent, and lead to another server."""

import socket
from contextlib import suppress
from threading import Event, Lock, Thread

CHUNK = 65536


class Wire:
    """A TCP relay at an address of its own; `to` is the port it leads to, None while it is cut."""

    def __init__(self, port: int):
        self.to: int | None = port
        self.opened: list[str] = []  # The request line of each connection, in order.
        self._carries = Event()
        self._carries.set()
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection breaks, and none can be made."""
        self.to = None
        with self._lock:
            for end in self._open:
                _break(end)

    def fall_silent(self) -> None:
        """Connections stay open and nothing comes through, as when a laptop changes networks."""
        self._carries.clear()

    def speak(self) -> None:
        """What was held back comes through."""
        self._carries.set()

    @property
    def streams(self) -> int:
        """How many event streams were ever opened."""
        return sum("/api/stream/metrics" in line for line in self.opened)

    def close(self) -> None:
        """For good."""
        self.speak()
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.to is None:
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for ends in ((near, far), (far, near)):
                Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while chunk := source.recv(CHUNK):
                if chunk.startswith((b"GET ", b"POST ")):
                    self.opened.append(chunk.split(b"\r\n", 1)[0].decode())
                self._carries.wait()
                target.sendall(chunk)
        except OSError:
            pass
        _break(source)
        _break(target)
        with self._lock:
            self._open.discard(source)
            source.close()


def _break(end: socket.socket) -> None:
    """Both directions, so that the thread that reads from it wakes, and closes it."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
