"""Encoded events in a ring, and the cursors that read it: no queue per dashboard."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_FRAMES = 6_000
MAX_BYTES = 16 * 1024 * 1024
# A cursor far behind reads in pieces, so that a slow dashboard pins little memory.
MAX_READ_BYTES = 256 * 1024

Redact = Callable[[bytes, str], bytes]


class Fallen(Exception):
    """What the cursor or the id points at is no longer in the ring."""


@dataclass(slots=True)
class Frame:
    """One event as bytes. `seq` is that of the newest numbered event up to here.

    Frames without an id of their own (`numbered` is false) are not sent again on a resume.
    A frame without a channel goes to every dashboard.
    """

    wire: bytes
    channel: str | None
    seq: int
    numbered: bool
    redacted: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Cursor:
    """Where one dashboard stands; below `resumed` it is sent numbered frames only."""

    position: int
    generation: int
    audience: str = "full"
    channels: frozenset[str] | None = None
    resumed: int = 0


class Ring:
    """The last frames. Positions count up for ever; those below `first` are gone.

    Events with a seq above `floor`, up to `newest`, are all here.
    """

    def __init__(self, redact: Redact) -> None:
        self._redact = redact
        self._frames: list[Frame] = []
        self._bytes = 0
        self.first = 0
        self.visible = 0
        self.generation = 0
        self.floor = 0
        self.newest = 0
        self._shown_from = 0
        self._joined: dict[str, bytes] = {}

    @property
    def end(self) -> int:
        """The position after the newest frame."""
        return self.first + len(self._frames)

    @property
    def depth(self) -> int:
        """How many frames the ring holds."""
        return len(self._frames)

    def append(self, frame: Frame) -> None:
        """Add a frame; the oldest leave when there are too many or they are too large."""
        self._frames.append(frame)
        self._bytes += len(frame.wire)
        self.newest = frame.seq
        if len(self._frames) > MAX_FRAMES or self._bytes > MAX_BYTES:
            self._drop(max(1, len(self._frames) // 8))

    def _drop(self, count: int) -> None:
        dropped = self._frames[:count]
        del self._frames[:count]
        self._bytes -= sum(len(each.wire) for each in dropped)
        self.first += count
        self.floor = dropped[-1].seq

    def restart(self, seq: int) -> None:
        """Forget all frames: every cursor has fallen, and the next event comes after `seq`."""
        self.first = self.visible = self._shown_from = self.end
        self._frames.clear()
        self._joined.clear()
        self._bytes = 0
        self.floor = self.newest = seq
        self.generation += 1

    def show(self) -> None:
        """Let cursors read what has been appended."""
        self._joined.clear()
        self._shown_from, self.visible = self.visible, self.end

    def read(self, cursor: Cursor) -> bytes:
        """What is new for a cursor, which moves on. Raises Fallen if some of it is gone."""
        if cursor.generation != self.generation or cursor.position < self.first:
            raise Fallen
        if cursor.position >= self.visible:
            return b""
        at_front = cursor.position == self._shown_from >= cursor.resumed
        if not at_front or cursor.channels is not None:
            return self._read_piece(cursor)
        # Nearly everyone stands here, and all are sent the same bytes.
        cursor.position = self.visible
        joined = self._joined.get(cursor.audience)
        if joined is None:
            frames = self._frames[self._shown_from - self.first : self.visible - self.first]
            joined = b"".join(self._wire(each, cursor.audience) for each in frames)
            self._joined[cursor.audience] = joined
        return joined

    def _read_piece(self, cursor: Cursor) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while cursor.position < self.visible and size < MAX_READ_BYTES:
            frame = self._frames[cursor.position - self.first]
            if self._is_for(frame, cursor):
                pieces.append(self._wire(frame, cursor.audience))
                size += len(pieces[-1])
            cursor.position += 1
        return b"".join(pieces)

    def resume(self, seq: int) -> int:
        """The position of the first frame after `seq`. Raises Fallen if the ring does not know."""
        if not self.floor <= seq <= self.newest:
            raise Fallen
        return self.first + bisect_right(self._frames, seq, key=lambda each: each.seq)

    @staticmethod
    def _is_for(frame: Frame, cursor: Cursor) -> bool:
        if cursor.position < cursor.resumed and not frame.numbered:
            return False
        wanted = cursor.channels
        return wanted is None or frame.channel is None or frame.channel in wanted

    def _wire(self, frame: Frame, audience: str) -> bytes:
        if audience == "full" or frame.channel is None:
            return frame.wire
        if audience not in frame.redacted:
            frame.redacted[audience] = self._redact(frame.wire, audience)
        return frame.redacted[audience]
