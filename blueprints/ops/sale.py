"""A sale to made-up buyers through the HTTP API, at a given pace, and what became of it."""

import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

from blueprints.ops.http_client import Caller, Target
from blueprints.ops.scenarios import Scenario, Stall, stall
from blueprints.ops.screen import Screen

MOST_BUYERS = 48
RESTOCKED_UNITS = 40
# The beacon's own limit is 60 a minute from one address.
SECONDS_BETWEEN_VISITORS = 1.1
VISITORS = 400


class Impossible(Exception):
    """The sale cannot begin; the message says why."""


@dataclass(frozen=True)
class Plan:
    """How many buyers come, in what time, and how they behave."""

    per_second: float
    seconds: float
    scenario: Scenario

    @property
    def orders(self) -> int:
        """How many orders are tried in all."""
        return max(1, round(self.per_second * self.seconds))

    def moment(self, number: int) -> float:
        """Seconds from the start at which a buyer comes."""
        return self.seconds * self.scenario.when(number / self.orders)


@dataclass
class Tally:
    """What became of the orders; times in seconds."""

    accepted: int = 0
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    answers: list[float] = field(default_factory=list)
    on_screen: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Sale:
    """One sale; `run` it once."""

    def __init__(self, target: Target, plan: Plan) -> None:
        self.tally = Tally()
        self.plan = plan
        self._target = target
        self._stopping = Event()
        self._numbers = itertools.count()
        self._lock = Lock()
        self._placed: dict[str, float] = {}
        self._stall = Stall((), ())
        self._began = 0.0

    def prepare(self) -> None:
        """Look at what is on sale. Raises Impossible."""
        found = stall(self._products(), self.plan.orders)
        if not found.products:
            raise Impossible("Nothing is on sale: every product is sold out or paused.")
        self._stall = found

    def run(self) -> Tally:
        """Let all buyers come; returns when the last has its answer, or after `stop`."""
        screen = Screen(self._target)
        self._began = time.monotonic()
        helpers = [Thread(target=work, daemon=True) for work in (self._visit, self._restock)]
        buyers = [Thread(target=self._buy, daemon=True) for _ in range(self._buyers())]
        for thread in (*helpers, *buyers):
            thread.start()
        for thread in buyers:
            thread.join()
        self.tally.seconds = time.monotonic() - self._began
        self.stop()
        seen = screen.close()
        self.tally.on_screen = [seen[id] - at for id, at in self._placed.items() if id in seen]
        return self.tally

    def stop(self) -> None:
        """No more buyers; those on their way get their answers."""
        self._stopping.set()

    def _buyers(self) -> int:
        return min(MOST_BUYERS, max(4, round(self.plan.per_second / 2)))

    def _products(self) -> list[Any]:
        caller, found, cursor = Caller(self._target), [], ""
        try:
            while True:
                status, page = caller.ask("GET", f"/api/products?limit=100{cursor}")
                if status != 200:
                    raise Impossible(_unexpected(self._target.url, status))
                found += page["items"]
                if not page["nextCursor"]:
                    return found
                cursor = f"&cursor={page['nextCursor']}"
        except OSError as error:
            raise Impossible(f"Nothing answers at {self._target.url}: {error}") from None
        finally:
            caller.close()

    def _buy(self) -> None:
        caller = Caller(self._target)
        while (number := next(self._numbers)) < self.plan.orders:
            if self._stopping.wait(self._began + self.plan.moment(number) - time.monotonic()):
                break
            # Of each buyer's own, so that a sale is the same however the threads take turns.
            self._order(caller, self.plan.scenario.order(random.Random(number), self._stall))
        caller.close()

    def _order(self, caller: Caller, basket: dict[str, Any]) -> None:
        asked = time.monotonic()
        try:
            status, answer = caller.ask("POST", "/api/orders", basket)
        except OSError as error:
            status, answer = 0, {"title": str(error)}
        took = time.monotonic() - asked
        with self._lock:
            self.tally.answers.append(took)
            if status == 201:
                self.tally.accepted += 1
                self._placed[answer["id"]] = asked
            elif status == 409:
                self.tally.refused += 1
            else:
                self.tally.errors[_named(status, answer)] += 1

    def _visit(self) -> None:
        """Visitors look around meanwhile; how they fare is no matter of the sale's."""
        caller = Caller(self._target)
        while not self._stopping.wait(SECONDS_BETWEEN_VISITORS):
            visitor = f"made-up visitor {random.randrange(VISITORS)}"
            try:
                caller.ask("POST", "/api/activity", {"visitor": visitor})
            except OSError:
                continue
        caller.close()

    def _restock(self) -> None:
        if not self.plan.scenario.restocks or self._stopping.wait(self.plan.seconds / 2):
            return
        caller = Caller(self._target)
        for product in self._stall.favourites:
            try:
                path = f"/api/products/{product['id']}/restock"
                status, answer = caller.ask("POST", path, {"quantity": RESTOCKED_UNITS})
            except OSError as error:
                status, answer = 0, {"title": str(error)}
            if status != 200:
                with self._lock:
                    self.tally.errors[_named(status, answer)] += 1
        caller.close()


def percentile(times: list[float], share: float) -> float | None:
    """The time that `share` of them do not exceed; None of none."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


def _named(status: int, answer: Any) -> str:
    title = answer.get("title", "") if isinstance(answer, dict) else ""
    return f"{status} {title}".strip() if status else title


def _unexpected(url: str, status: int) -> str:
    if status == 401:
        return (
            f"The server at {url} does not know our token: it is on another database. "
            "Give one of its own by --token."
        )
    return f"The server at {url} answers {status}: is it a Flashboard?"
