"""Two services against a model: keys, events and erasures arrive in any order, twice, or late, with replays between."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from shared.model.message import START, Position
from shared.model.projection import Projection, by_key
from shared.processing.handlers import ViewHandler
from shared.store.appending import ANY, Write
from shared.store.codec import Codec, Raw
from shared.store.database import open_pool
from shared.store.erasing import erase
from shared.store.event_store import Store
from shared.store.keys import KeyAwaited
from tests.shared.keys import keys_of
from tests.shared.store.test_event_store_machine import BOUNDED, OnItsOwnLoop
from tests.shared.things import COUNTER, Raised, documents, subscription_on
from tests.shared.waiting import settled

NAMES = ("a", "b", "c")
SUBJECTS = st.sampled_from([f"counter-{name}" for name in NAMES])
TABLES = "truncate events, streams, checkpoints, handled, parked, documents, views, subject_keys, erased_subjects"


def remembered(before: Mapping[str, Any] | None, event: Any) -> dict[str, Any]:
    return {"notes": [*(before or {"notes": []})["notes"], event.data.note], "versions": event.version}


NOTES: Projection[Any] = Projection("notes", (Raised,), by_key, remembered)


class ErasureMachine(OnItsOwnLoop):
    """The model: what each subject has noted, who is erased, and what has arrived at the listener."""

    second: str

    def __init__(self) -> None:
        super().__init__()
        self.listener = self.wait_for(self._listening())
        self.subscription, self.view = subscription_on(self.listener), ViewHandler(NOTES)
        self.noted: dict[str, list[str]] = {}
        self.erased, self.erased_there, self.known_there = set[str](), set[str](), set[str]()
        self.arrived: dict[str, int] = {}
        self.position: Position = START
        self.generation = 1

    async def _listening(self) -> Store:
        pool = await open_pool(self.second, 2, "machine")
        for each in (pool, self.store.pool):
            await each.execute(TABLES)
        return Store(pool, Codec(COUNTER.events), keys_of(pool), "listener")

    def teardown(self) -> None:
        self.wait_for(self.listener.pool.close())
        super().teardown()

    @initialize()
    def nothing_is_known(self) -> None:
        assert self.wait_for(self.listener.keys.find(["counter-a"])) == {}

    @rule(subject=SUBJECTS, note=st.sampled_from(["first", "second", "third"]))
    def note(self, subject: str, note: str) -> None:
        self.wait_for(self.store.append([Write(subject, ANY, [Raised(by_much=1, note=note)])]))
        self.noted.setdefault(subject, []).append("" if subject in self.erased else note)

    @rule(subject=SUBJECTS)
    def erase(self, subject: str) -> None:
        if subject in self.noted:
            self.wait_for(self._erase(self.store, subject))
            self.erased.add(subject)

    @rule(subject=SUBJECTS)
    def the_erasure_arrives(self, subject: str) -> None:
        if subject in self.erased:
            self.wait_for(self._erase(self.listener, subject))
            self.erased_there.add(subject)

    async def _erase(self, store: Store, subject: str) -> None:
        async with store.pool.acquire() as connection, connection.transaction():
            await erase(connection, subject, datetime.now(UTC))
        store.keys.forget([subject])

    @rule(subject=SUBJECTS)
    def the_key_arrives(self, subject: str) -> None:
        """As it was told once, be it after the erasure: the topic may hold both."""
        self.wait_for(self._tell(subject))

    async def _tell(self, subject: str) -> None:
        sql = "select wrapped from subject_keys where subject = $1"
        if (wrapped := await self.store.pool.fetchval(sql, subject)) is not None:
            async with self.listener.pool.acquire() as connection, connection.transaction():
                await self.listener.keys.learn(connection, [(subject, wrapped)])
            self.known_there.add(subject)

    @rule(count=st.integers(1, 5))
    def events_arrive(self, count: int) -> None:
        """In the order of the store; those before them come again too."""
        raws = self.wait_for(self._next(count))
        needed = {raw.stream for raw in raws if '"personal"' in str(raw.data)}
        if needed - self.known_there - self.erased_there:
            with pytest.raises(KeyAwaited):
                self.wait_for(self.subscription.deliver(self.view, raws))
            return
        self.wait_for(self.subscription.deliver(self.view, raws))
        for raw in raws:
            self.arrived[raw.stream] = max(self.arrived.get(raw.stream, 0), raw.version)
        if raws:
            self.position = raws[-1].position

    async def _next(self, count: int) -> list[Raw]:
        await settled(self.store.pool)
        raws = await self.store.read(self.position, count)
        return [raw._replace(source="things") for raw in raws]

    @rule()
    def replay_everything(self) -> None:
        """Into a new generation; nobody's notes come back who is erased there."""
        if not self.arrived:
            return
        self.generation += 1
        handler = ViewHandler(NOTES, self.generation)
        raws = [raw for raw in self.wait_for(self._all()) if raw.version <= self.arrived.get(raw.stream, 0)]
        self.wait_for(self.subscription.deliver(handler, raws))
        found = self.wait_for(documents(self.listener.pool, "notes", self.generation))
        for stream, count in self.arrived.items():
            notes = ["" if stream in self.erased_there else note for note in self.noted[stream][:count]]
            assert found[stream.removeprefix("counter-")]["notes"] == notes

    async def _all(self) -> list[Raw]:
        await settled(self.store.pool)
        return [raw._replace(source="things") for raw in await self.store.read(START)]

    @invariant()
    def the_store_reads_what_was_noted_by_those_who_are_not_erased(self) -> None:
        for subject, notes in self.noted.items():
            events = self.wait_for(self.store.load(subject)).streams[subject]
            expected = [""] * len(notes) if subject in self.erased else notes
            assert [event.data.note for event in events] == expected

    @invariant()
    def the_view_has_every_event_once(self) -> None:
        found = self.wait_for(documents(self.listener.pool, "notes"))
        assert {key: len(document["notes"]) for key, document in found.items()} == {
            stream.removeprefix("counter-"): count for stream, count in self.arrived.items()
        }


def test_keys_erasures_and_replays_in_any_order_leave_what_the_model_says(database: str, second_database: str) -> None:
    machine = type("OnTheseDatabases", (ErasureMachine,), {"dsn": database, "second": second_database})
    run_state_machine_as_test(machine, settings=BOUNDED)
