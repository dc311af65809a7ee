"""How many dashboards may be open on this worker, in all and for each principal."""

import resource
from collections import Counter
from threading import Lock

# Descriptors kept for orders, Postgres, Redis, logs.
RESERVED_FILES = 512


class Slots:
    """Counts open streams. At the cap new ones are refused; none is thrown out."""

    def __init__(self, most: int, most_each: int) -> None:
        self.most = min(most, _open_files() - RESERVED_FILES)
        self._most_each = most_each
        self._held: Counter[str] = Counter()
        self._total = 0
        self._lock = Lock()

    def acquire(self, principal: str) -> bool:
        """Take a slot; False if there is none left."""
        with self._lock:
            if self._total >= self.most or self._held[principal] >= self._most_each:
                return False
            self._total += 1
            self._held[principal] += 1
            return True

    def release(self, principal: str) -> None:
        """Give a slot back."""
        with self._lock:
            self._total -= 1
            self._held[principal] -= 1
            if not self._held[principal]:
                del self._held[principal]

    @property
    def open(self) -> int:
        """Streams open now."""
        return self._total

    def principals(self) -> set[str]:
        """Whose streams are open."""
        return set(self._held)


def _open_files() -> int:
    """Raise the soft limit of open files to the hard one; the limit in force."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 65_536) if hard != resource.RLIM_INFINITY else 65_536
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
