"""The fast path: streams whose sockets were handed off by gunicorn, written by one thread."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blueprints.stream.hub import Hub


class Fanout:
    """All handed-off streams of a worker."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    def write(self) -> None:
        """Send every dashboard what is new."""

    def close_all(self) -> None:
        """End every stream."""

    def close_of(self, principal: str) -> None:
        """End the streams of one principal."""
