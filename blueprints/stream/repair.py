"""For whoever looks after the board: what differs from Postgres, and a recount at will."""

from blueprints.stream import board
from blueprints.stream.board import BoardLost as BoardLost
from blueprints.stream.board import differences as differences


def rebuild(why: str) -> None:
    """Recount the board from Postgres, whatever it shows; every dashboard gets a fresh `init`.

    Raises redis.RedisError when Redis is away.
    """
    try:
        epoch: str | None = board.read().epoch
    except BoardLost:
        epoch = None
    board.rebuild(epoch, why)
