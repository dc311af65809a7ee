"""The board's script against a plain model of it: any events, in any order, any number of times.

What a worker folds from the published events has to be what it would read from the board.
"""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from blueprints.stream import board, channels, outbox
from blueprints.stream.channels import Counter, Gather, Latest, Recent, Value
from blueprints.stream.state import State
from extensions import redis

SIZE = 3
TODAY = date(2031, 5, 6)
KEYS = st.integers(1, 7)
VERSIONS = st.integers(1, 4)
ADDS = st.integers(-9_000_000_000_000, 9_000_000_000_000)
TYPES = st.sampled_from(["made", "undone"])
DAYS = st.sampled_from([TODAY, TODAY - timedelta(days=1), None])


def declare(patch: pytest.MonkeyPatch) -> None:
    """Channels of each kind, with limits that a few events reach."""
    patch.setattr(channels, "_channels", {})
    channels.channel(
        "sales",
        fields=[Counter("sales"), Counter("takings", money=True), Recent("lately", size=SIZE)],
        shows=["sales", "takings"],
        gather=Gather(item="sale", into="sold", limit=SIZE, count="count"),
    )
    channels.channel(
        "things",
        fields=[Latest("things", show=lambda _: True, order=lambda each: int(each["id"]))],
        shows=["sales"],
        gather=Gather(item="thing", into="all", limit=2),
    )
    channels.channel(
        "calls", fields=[Latest("calls", show=lambda _: True, order=lambda each: int(each["id"]))]
    )
    channels.channel("mood", fields=[Value("mood", "calm")], shows=["takings"])


class Script(RuleBasedStateMachine):
    """Publishes as a relay does: outbox rows in batches, some twice, some late."""

    app: Flask

    @initialize()
    def begin(self) -> None:
        """An empty board, a worker that has just read it, and a model."""
        self.context = self.app.app_context()
        self.context.push()
        redis.commands.flushdb()
        board._install("e0", TODAY, {}, [])
        self.worker = State(board.read())
        self.seq = 0
        self.rows: list[dict[str, Any]] = []
        self.applied: set[int] = set()
        self.counters = {"sales": 0, "takings": 0}
        self.items: dict[str, dict[str, tuple[int, Any]]] = {"sales": {}, "things": {}, "calls": {}}
        self.mood = "calm"

    def teardown(self) -> None:
        self.context.pop()

    @rule(key=KEYS, version=VERSIONS, sales=ADDS, takings=ADDS, type=TYPES, day=DAYS)
    def sale(
        self, key: int, version: int, sales: int, takings: int, type: str, day: date | None
    ) -> None:
        """A sale's row in the outbox."""
        item = {"id": str(key), "version": version, "name": 'Ünïcode |"\\'}
        add = {"sales": sales % 7, "takings": takings}
        self._record("sales", {"type": type}, item, str(key), version, key, day, add)

    @rule(key=KEYS, version=VERSIONS, type=TYPES)
    def thing(self, key: int, version: int, type: str) -> None:
        """A thing's row in the outbox."""
        item = {"id": str(key), "version": version}
        self._record("things", {"type": type}, item, str(key), version)

    @rule(key=KEYS, version=VERSIONS)
    def call(self, key: int, version: int) -> None:
        """A row whose data are its item, and which is published alone."""
        self._record("calls", {"id": str(key), "version": version}, None, str(key), version)

    def _record(self, *event: Any) -> None:
        self.rows.append(outbox.in_script_form(*event))

    @rule(chosen=st.lists(st.integers(0, 30), max_size=8))
    def publish(self, chosen: list[int]) -> None:
        """Any rows, in any order; a row may have been published before."""
        ids = [1 + each % len(self.rows) for each in chosen if self.rows]
        board.apply([json.dumps({"id": id, **self.rows[id - 1]}) for id in ids])
        for id in ids:
            if id not in self.applied:
                self.applied.add(id)
                self._expect(self.rows[id - 1])

    @rule()
    def publish_the_rest(self) -> None:
        """A relay that had fallen behind."""
        self.publish([id - 1 for id in range(1, len(self.rows) + 1) if id not in self.applied])

    @rule(mood=st.sampled_from(["calm", "glad", None]))
    def say(self, mood: str | None) -> None:
        """Something that is no row."""
        board.apply([board.raw_event("mood", {"mood": mood, "takings": "ignored"})])
        self.mood = mood  # type: ignore[assignment]

    def _expect(self, event: dict[str, Any]) -> None:
        if event.get("day") == TODAY.isoformat():
            for name, by in event["add"].items():
                self.counters[name] += by
        kept = self.items[event["channel"]]
        version, _ = kept.get(event["key"], (0, None))
        if event["version"] <= version:
            return
        kept[event["key"]] = (event["version"], json.loads(event["item"]))
        if event["channel"] == "sales" and len(kept) > SIZE:
            del kept[min(kept, key=int)]

    @invariant()
    def the_board_is_as_expected(self) -> None:
        """After each step, also with events that wait to be merged."""
        if not hasattr(self, "worker"):
            return
        found = board.read()
        assert {name: found.counters[name] for name in self.counters} == self.counters
        assert found.values.get("mood", "calm") == self.mood
        for channel, field in (("sales", "lately"), ("things", "things"), ("calls", "calls")):
            shown = {key: item.body for key, item in found.items.get(field, {}).items()}
            assert shown == {key: body for key, (_, body) in self.items[channel].items()}
        newest_first = sorted(self.items["sales"], key=int, reverse=True)
        assert found.order.get("lately", []) == newest_first

    @rule()
    def a_worker_that_followed_is_right(self) -> None:
        """Each event once, densely numbered, and the sum of them is the board."""
        while board.apply([]).due_ms is not None:
            pass
        for channel, text in board.logged(self.seq):
            event = json.loads(text)
            self.seq += 1
            assert event.pop("eventId") == f"e0-{self.seq}"
            self.worker.fold(channels.declared()[channel], event)
        assert self.worker.snapshot() == State(board.read()).snapshot()


def test_it_is_the_model(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch)
    run_state_machine_as_test(
        type("OnThisApp", (Script,), {"app": app}),
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
