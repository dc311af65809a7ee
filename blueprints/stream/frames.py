"""Server-Sent Events on the wire: pure functions, no I/O.

The format is that of the WHATWG HTML standard, section 9.2: lines end in CR LF, LF or CR and in
nothing else (`str.splitlines` would also split at U+2028 and others).
"""

import json
import re
from typing import Any

CONTENT_TYPE = "text/event-stream"
_FORBIDDEN = re.compile(r"[\r\n\0]")
# json.dumps would make an encoder for every call with options.
to_text = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_LINE_END = re.compile(rb"\r\n|\n|\r")


def encode(event: str, data: bytes, id: str | None = None) -> bytes:
    """One event. Raises ValueError if the name or id could end the line it stands on."""
    lines = [b"event: " + _single_line(event)]
    if id is not None:
        lines.append(b"id: " + _single_line(id))
    lines += [b"data: " + line for line in _LINE_END.split(data)]
    return b"\n".join(lines) + b"\n\n"


def retry(milliseconds: int) -> bytes:
    """How long a browser waits before it connects again."""
    return b"retry: %d\n\n" % milliseconds


def to_json(data: dict[str, Any]) -> bytes:
    """JSON on one line. Raises ValueError for NaN and infinity, which JSON does not have."""
    return to_text(data).encode()


def _single_line(text: str) -> bytes:
    if _FORBIDDEN.search(text):
        raise ValueError("an event's name and id may not contain CR, LF or NUL")
    return text.encode()
