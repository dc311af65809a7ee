"""Many dashboards in a process of its own: a selector and plain sockets, and little else.

Frames that a thousand dashboards are sent are the same bytes, so what is in them is found out once
and looked up by the bytes. The process says how long it idled: it must not be what limits a figure.
"""

import multiprocessing
import resource
import selectors
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from bench import parsing
from bench.parsing import Piece
from bench.processes import pin

RECEIVE_BYTES = 256 * 1024
# Below the number of ephemeral ports, with room: each thousands of dashboards an address.
DASHBOARDS_PER_ADDRESS = 5_000
CONNECTING_AT_ONCE = 400
OPEN_SECONDS = 60.0
# Dashboards are elsewhere, so a write to one wakes nobody on this machine. Readers that slept until
# each write would charge the writer for waking them; these look around at most this often.
LOOK_EVERY_SECONDS = 0.002
# A close that sends RST, as a link that is cut does; it also leaves no port waiting.
ABRUPT = struct.pack("ii", 1, 0)


@dataclass
class Report:
    """What came in a window."""

    seconds: float = 0.0
    frames: int = 0
    reads: int = 0
    size: int = 0
    orders: int = 0
    gaps: int = 0
    restarts: int = 0
    closed: int = 0
    behind: int = 0
    last: int = 0
    idle_share: float = 0.0
    sample: bytes = b""
    latencies: list[float] = field(default_factory=list)


@dataclass
class Reopened:
    """What became of dashboards that were dropped at once and came back."""

    seconds: float
    recovered: int
    restarts: int
    gaps: int


class Dashboard:
    """One connection, and the last `seq` it was sent."""

    __slots__ = ("begun", "last", "last_id", "rest", "socket")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.rest = b""
        self.last = 0
        self.last_id = b""
        self.begun = False


class _Process:
    """The other side of `Readers`: obeys commands, reads in between."""

    def __init__(self, commands: Connection) -> None:
        self._commands = commands
        self._selector = selectors.DefaultSelector()
        self._dashboards: dict[int, Dashboard] = {}
        self._pieces: dict[bytes, Piece] = {}
        self._report = Report()
        self._idle = 0.0
        self._target: tuple[str, int] | str = ""
        self._request = b""
        self._gone: list[Dashboard] = []
        self._started = time.monotonic()
        self._selector.register(commands, selectors.EVENT_READ)

    def run(self) -> None:
        while True:
            if self._read_once(1.0):
                name, *arguments = self._commands.recv()
                if name == "stop":
                    return
                try:
                    self._commands.send(getattr(self, f"do_{name}")(*arguments))
                except Exception as error:
                    self._commands.send(error)

    # Commands

    def do_open(self, target: Any, request: bytes, count: int, await_frames: bool) -> int:
        """Open that many more; gives how many were opened in all."""
        self._target, self._request = target, request
        opened = [self._connect(number, request) for number in range(count)]
        if await_frames:
            self._read_until(lambda: all(each.begun for each in opened), OPEN_SECONDS)
            late = sum(not each.begun for each in opened)
            if late:
                raise TimeoutError(f"{late} of {count} dashboards got nothing")
        return len(self._dashboards)

    def do_begin(self) -> None:
        self._pieces.clear()
        self._report = Report()
        self._idle, self._started = 0.0, time.monotonic()

    def do_end(self, last: int) -> Report:
        """The window's report, once every dashboard has seen `last` (0: as it is now)."""
        if last:
            self._read_until(lambda: self._behind(last) == 0, 5.0)
        report = self._report
        report.seconds = time.monotonic() - self._started
        report.idle_share = self._idle / report.seconds
        report.behind = self._behind(last) if last else 0
        report.last = max((each.last for each in self._dashboards.values()), default=0)
        self._add_latencies(report)
        return report

    def do_begun(self) -> int:
        """How many have been sent anything beyond their head."""
        return sum(each.begun for each in self._dashboards.values())

    def do_cut(self) -> None:
        """Cut all links at once."""
        self.do_begin()
        self._gone = list(self._dashboards.values())
        for each in self._gone:
            self._close(each)

    def do_come_back(self, last: int) -> Reopened:
        """Come back with the last ids; until each has been sent the event `last`."""
        back = []
        for number, each in enumerate(self._gone):
            header = b"\r\nLast-Event-ID: " + each.last_id + b"\r\n\r\n"
            fresh = self._connect(number, self._request.removesuffix(b"\r\n\r\n") + header)
            fresh.last = each.last
            back.append(fresh)
        self._read_until(lambda: all(each.last >= last for each in back), OPEN_SECONDS)
        seconds = time.monotonic() - self._started
        recovered = sum(each.last >= last for each in back)
        return Reopened(seconds, recovered, self._report.restarts, self._report.gaps)

    def do_close(self) -> None:
        for each in list(self._dashboards.values()):
            self._close(each)

    # Reading

    def _connect(self, number: int, request: bytes) -> Dashboard:
        target = self._target
        local = isinstance(target, str)
        connection = socket.socket(socket.AF_UNIX if local else socket.AF_INET)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPT)
        if not local:
            address = f"127.0.0.{1 + len(self._dashboards) // DASHBOARDS_PER_ADDRESS}"
            with suppress(OSError):
                connection.bind((address, 0))
        connection.connect(target)
        connection.sendall(request)
        connection.setblocking(False)
        dashboard = self._dashboards[connection.fileno()] = Dashboard(connection)
        self._selector.register(connection, selectors.EVENT_READ, dashboard)
        if number % CONNECTING_AT_ONCE == CONNECTING_AT_ONCE - 1:
            self._read_once(0.0)
        return dashboard

    def _read_until(self, done: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not done() and time.monotonic() < deadline:
            self._read_once(0.05)

    def _read_once(self, wait: float) -> bool:
        """Read what there is; whether there is a command."""
        before = time.monotonic()
        ready = self._selector.select(wait)
        self._idle += time.monotonic() - before
        commanded = False
        for key, _ in ready:
            if key.data is None:
                commanded = True
            else:
                self._read(key.data)
        if ready and not commanded:
            time.sleep(LOOK_EVERY_SECONDS)
            self._idle += LOOK_EVERY_SECONDS
        return commanded

    def _read(self, dashboard: Dashboard) -> None:
        try:
            data = dashboard.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._report.closed += 1
            self._close(dashboard)
            return
        now = time.time()
        report = self._report
        report.reads += 1
        report.size += len(data)
        if dashboard.rest:
            data = dashboard.rest + data
        piece = self._pieces.get(data)
        if piece is None:
            piece = self._pieces[data] = parsing.piece(data)
        dashboard.rest = data[piece.length :] if piece.length < len(data) else b""
        if not piece.frames:
            return
        report.frames += piece.frames
        piece.arrivals.append(now)
        if piece.last:
            if piece.starts_anew:
                report.restarts += 1
            elif not piece.dense or (dashboard.last and piece.first != dashboard.last + 1):
                report.gaps += 1
            dashboard.last = piece.last
            dashboard.last_id = parsing.last_id(data) or dashboard.last_id
        dashboard.begun = True

    def _behind(self, last: int) -> int:
        return sum(each.last < last for each in self._dashboards.values())

    def _close(self, dashboard: Dashboard) -> None:
        if self._dashboards.pop(dashboard.socket.fileno(), None):
            self._selector.unregister(dashboard.socket)
            dashboard.socket.close()

    def _add_latencies(self, report: Report) -> None:
        for piece in self._pieces.values():
            for sent_at in piece.sent_at:
                report.latencies += [arrival - sent_at for arrival in piece.arrivals]
        counts: dict[bytes, int] = {}
        for piece in self._pieces.values():
            counts |= piece.orders
        report.orders = sum(counts.values())
        report.latencies.sort()
        report.sample = max(
            self._pieces, key=lambda each: len(self._pieces[each].arrivals), default=b""
        )


class Readers:
    """Dashboards in a process of their own; a context manager."""

    def __init__(self, core: int = 1) -> None:
        raise_open_files()
        context = multiprocessing.get_context("spawn")
        self._commands, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, core), daemon=True)
        self._process.start()
        theirs.close()

    def open(
        self,
        target: tuple[str, int] | str,
        path: str,
        token: str | None,
        count: int,
        *,
        await_frames: bool = True,
    ) -> int:
        """Open dashboards, and wait until each has been sent its beginning."""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Accept: text/event-stream"]
        lines += [f"Authorization: Bearer {token}"] if token else []
        request = "\r\n".join([*lines, "", ""]).encode()
        opened: int = self._call("open", target, request, count, await_frames)
        return opened

    def begin(self) -> None:
        """Begin a window."""
        self._call("begin")

    def end(self, last: int = 0) -> Report:
        """End it, once all have been sent the event with that `seq`."""
        report: Report = self._call("end", last)
        return report

    def begun(self) -> int:
        """How many have been sent anything."""
        count: int = self._call("begun")
        return count

    def cut(self) -> None:
        """Cut all links at once."""
        self._call("cut")

    def come_back(self, last: int) -> Reopened:
        """Connect again with the last ids, until each has been sent the event with that `seq`."""
        found: Reopened = self._call("come_back", last)
        return found

    def close(self) -> None:
        """Close all dashboards."""
        self._call("close")

    def _call(self, *command: Any) -> Any:
        self._commands.send(command)
        answer = self._commands.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def __enter__(self) -> "Readers":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._commands.send(("stop",))
        self._process.join(10)
        self._process.kill()


def raise_open_files() -> None:
    """Let this process and its children have as many descriptors as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 65_536) if hard != resource.RLIM_INFINITY else 65_536
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _serve(commands: Connection, core: int) -> None:
    raise_open_files()
    pin(multiprocessing.current_process().pid or 0, core)
    _Process(commands).run()
