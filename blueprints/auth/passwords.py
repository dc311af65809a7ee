"""Password hashes: argon2id, never computed on the greenlet that serves everyone else."""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MIN_LENGTH = 8
MAX_LENGTH = 256  # hashing has no use for more, and a megabyte of it costs us the time
# 19 MiB and two passes, OWASP's first choice; two at a time keep a small dyno within its memory.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
HASHES_AT_A_TIME = 2

Result = TypeVar("Result")


def hashed(password: str) -> str:
    """The hash to keep."""
    return _aside(lambda: HASHER.hash(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is right.

    Without a hash it does the same work on another one: else the time taken would tell which
    e-mail addresses have an account.
    """
    given = password[:MAX_LENGTH]
    verified = _aside(lambda: _verify(password_hash or _dummy(), given))
    return verified and password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _dummy() -> str:
    return HASHER.hash("no account has this password")


def _aside(work: Callable[[], Result]) -> Result:
    """Run in a real thread under gevent: 20 ms of C code would stop every stream of the worker."""
    monkey: Any = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work()
    result: Result = _threads().apply(work)
    return result


@cache
def _threads() -> Any:
    from gevent.threadpool import ThreadPool

    return ThreadPool(HASHES_AT_A_TIME)
