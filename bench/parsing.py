"""What is in a piece of an event stream, found out once for all dashboards that are sent it."""

import re
from dataclasses import dataclass, field

FRAME_END = b"\n\n"
_ID = re.compile(rb"(?:^|\n)id: [0-9a-f]+-(\d+)\n")
_COUNT = re.compile(rb'\nid: [0-9a-f]+-(\d+)\ndata: [^\n]*,"count":(\d+)')
_INIT = re.compile(rb"(?:^|\n)event: init\n")
# Said by bench/feed.py in the order itself, and by bench/glass.py as its customer's name.
_SENT_AT = re.compile(rb'(?:"sentAt": ?|"customer": ?"at )([\d.]+)')


@dataclass(slots=True)
class Piece:
    """Whole frames, as one dashboard was sent them at once. `first` and `last` are their `seq`;
    `orders` tells of how many orders each frame is."""

    length: int
    frames: int
    first: int
    last: int
    dense: bool
    starts_anew: bool
    sent_at: tuple[float, ...]
    orders: dict[bytes, int]
    arrivals: list[float] = field(default_factory=list)


def piece(data: bytes) -> Piece:
    """The whole frames at the beginning of what was received."""
    length = data.rfind(FRAME_END) + len(FRAME_END)
    if length < len(FRAME_END):
        return Piece(0, 0, 0, 0, True, False, (), {})
    whole = data[:length]
    numbers = [int(each) for each in _ID.findall(whole)]
    starts_anew = bool(_INIT.search(whole))
    times = () if starts_anew else tuple({float(each) for each in _SENT_AT.findall(whole)})
    return Piece(
        length=length,
        frames=whole.count(b"data:"),
        first=numbers[0] if numbers else 0,
        last=numbers[-1] if numbers else 0,
        dense=numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True,
        starts_anew=starts_anew,
        sent_at=times,
        orders={seq: int(count) for seq, count in _COUNT.findall(whole)},
    )


def last_id(data: bytes) -> bytes | None:
    """The id of the last numbered frame, as a browser would send it when it comes back."""
    at = data.rfind(b"\nid: ")
    return data[at + 5 : data.index(b"\n", at + 5)] if at >= 0 else None
