"""Parking against a model: delivered, repeated, failing, mended, resumed at will, every event once and in order."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from shared.model.message import Recorded
from shared.processing.handlers import ViewHandler
from shared.store.appending import ANY, Write
from shared.store.codec import Raw
from tests.shared.store.test_event_store_machine import BOUNDED, OnItsOwnLoop
from tests.shared.things import TOTALS, Raised, Total, documents, fold_total, subscription_on
from tests.shared.waiting import settled

Place = tuple[str, int]
STREAMS = st.sampled_from(["a", "b", "c"])


class Failing(ViewHandler):
    """Fails on the events at these places."""

    def __init__(self) -> None:
        super().__init__(replace(TOTALS, evolve=self.evolve))
        self.poison: set[Place] = set()

    def evolve(self, document: Total | None, event: Recorded[Any]) -> Total:
        if (event.key, event.version) in self.poison:
            raise ValueError("poison")
        return fold_total(document, event)


class ParkingMachine(OnItsOwnLoop):
    """The model: the log of events, how far it was handled, and by stream what is folded and what is parked."""

    own: bool

    def __init__(self) -> None:
        super().__init__()
        self.subscription, self.handler = subscription_on(self.store), Failing()
        self.log: list[Place] = []
        self.reached = 0
        self.folded: dict[str, list[int]] = {}
        self.parked: dict[str, list[int]] = {}

    @initialize(streams=st.lists(STREAMS, min_size=3, max_size=12))
    def begin(self, streams: list[str]) -> None:
        self.happen(streams)

    @rule(streams=st.lists(STREAMS, min_size=1, max_size=5))
    def happen(self, streams: list[str]) -> None:
        for stream in streams:
            (event,) = self.wait_for(self.store.append([Write(f"counter-{stream}", ANY, [Raised(by_much=1)])]))
            self.log.append((stream, event.version))
        self.wait_for(settled(self.store.pool))

    @rule(stream=STREAMS, version=st.integers(1, 6))
    def poison(self, stream: str, version: int) -> None:
        self.handler.poison.add((stream, version))

    @rule(stream=STREAMS)
    def mend(self, stream: str) -> None:
        self.handler.poison = {place for place in self.handler.poison if place[0] != stream}

    @rule(count=st.integers(1, 8), back=st.integers(0, 6))
    def deliver(self, count: int, back: int) -> None:
        """The next events; other services' may come with some that came before, as Kafka repeats them."""
        if self.own:
            self.wait_for(self.subscription.advance(self.handler, count))
            start = self.reached
        else:
            start = max(self.reached - back, 0)
            raws = self.wait_for(self._raws())[start : self.reached + count]
            self.wait_for(self.subscription.deliver(self.handler, raws))
        for place in self.log[start : self.reached + count]:
            self._meet(*place)
        self.reached = min(self.reached + count, len(self.log))

    def _meet(self, stream: str, version: int) -> None:
        folded, parked = self.folded.setdefault(stream, []), self.parked.setdefault(stream, [])
        if version in folded or version in parked:
            return
        waits = parked or (stream, version) in self.handler.poison
        (parked if waits else folded).append(version)

    async def _raws(self) -> list[Raw]:
        return [raw._replace(source="elsewhere") for raw in await self.store.read()]

    @rule(stream=STREAMS)
    def resume(self, stream: str) -> None:
        clean = self.wait_for(self.subscription.resume(self.handler, f"counter-{stream}"))
        assert clean == self._resumed(stream)

    def _resumed(self, stream: str) -> bool:
        parked = self.parked.get(stream, [])
        while parked and (stream, parked[0]) not in self.handler.poison:
            self.folded[stream].append(parked.pop(0))
        return not parked

    @rule()
    def unpark_all(self) -> None:
        self.wait_for(self.store.pool.execute("update parked set due = now() where attempts > 0"))
        self.wait_for(self.subscription.resume_due([self.handler]))
        for stream in list(self.parked):
            self._resumed(stream)

    @invariant()
    def every_event_is_folded_or_parked_once_and_in_order(self) -> None:
        found = self.wait_for(documents(self.store.pool))
        assert {key: total["versions"] for key, total in found.items()} == {k: v for k, v in self.folded.items() if v}
        rows = self.wait_for(self.store.pool.fetch("select stream, version, attempts from parked order by 1, 2"))
        parked = [(f"counter-{k}", version) for k, versions in sorted(self.parked.items()) for version in versions]
        assert [(row["stream"], row["version"]) for row in rows] == parked
        heads = {f"counter-{key}": versions[0] for key, versions in self.parked.items() if versions}
        tried = {row["stream"]: row["version"] for row in rows if row["attempts"]}
        assert tried == heads


@pytest.mark.parametrize("own", [True, False])
def test_parking_does_what_its_model_does(database: str, own: bool) -> None:
    run_state_machine_as_test(
        type("OnThisDatabase", (ParkingMachine,), {"dsn": database, "own": own}), settings=BOUNDED
    )
