"""The store against a model, whatever is appended, refused, rolled back, loaded and read in any order."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shared.model.message import START
from shared.store.appending import ANY, Write, WrongVersion
from shared.store.codec import Codec
from shared.store.database import open_pool
from shared.store.event_store import Store
from tests.shared.keys import keys_of
from tests.shared.things import COUNTER, Raised
from tests.shared.waiting import settled

T = TypeVar("T")
BOUNDED = settings(
    max_examples=15, stateful_step_count=20, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
STREAMS = st.sampled_from(["counter-a", "counter-b", "counter-c"])
AMOUNTS = st.lists(st.integers(0, 9), min_size=1, max_size=3)


class OnItsOwnLoop(RuleBasedStateMachine):
    """A machine whose rules await things: it brings its own loop, the session's being asleep meanwhile."""

    dsn: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.store = self.wait_for(self._open())

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def _open(self) -> Store:
        pool = await open_pool(self.dsn, 2, "machine")
        await pool.execute("truncate events, streams, checkpoints, handled, parked, documents")
        return Store(pool, Codec(COUNTER.events), keys_of(pool, "counter"), "things")

    def teardown(self) -> None:
        self.wait_for(self.store.pool.close())
        self.loop.close()


class StoreMachine(OnItsOwnLoop):
    """The model: each stream's amounts, and everything in the order of its appends."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: dict[str, list[int]] = {}
        self.log: list[tuple[str, int, int]] = []

    def _is_right(self, stream: str, expected: int) -> bool:
        return expected in (ANY, len(self.streams.get(stream, [])))

    def _happened(self, writes: dict[str, list[int]]) -> None:
        for stream, amounts in sorted(writes.items()):
            for amount in amounts:
                versions = self.streams.setdefault(stream, [])
                versions.append(amount)
                self.log.append((stream, len(versions), amount))

    @rule(stream=STREAMS, amounts=AMOUNTS, off=st.integers(-3, 3) | st.just(None))
    def append(self, stream: str, amounts: list[int], off: int | None) -> None:
        self._append({stream: amounts}, {stream: off})

    @rule(
        writes=st.dictionaries(STREAMS, AMOUNTS, min_size=2),
        offs=st.fixed_dictionaries({name: st.sampled_from([0, 0, 0, None, 1]) for name in ("a", "b", "c")}),
    )
    def append_to_several(self, writes: dict[str, list[int]], offs: dict[str, int | None]) -> None:
        self._append(writes, {stream: offs[stream[-1]] for stream in writes})

    def _append(self, writes: dict[str, list[int]], offs: dict[str, int | None]) -> None:
        """Expects each stream's version to be as far off; None expects any."""
        expected = {
            stream: ANY if off is None else max(len(self.streams.get(stream, [])) + off, 0)
            for stream, off in offs.items()
        }
        asked = [Write(s, expected[s], [Raised(by_much=n) for n in amounts]) for s, amounts in writes.items()]
        if all(self._is_right(stream, expected[stream]) for stream in writes):
            written = self.wait_for(self.store.append(asked))
            self._happened(writes)
            assert [(e.stream, e.version, e.data.by_much) for e in written] == self.log[-len(written) :]
        else:
            with pytest.raises(WrongVersion):
                self.wait_for(self.store.append(asked))

    @rule(stream=STREAMS, amounts=AMOUNTS)
    def append_and_roll_back(self, stream: str, amounts: list[int]) -> None:
        async def work() -> None:
            async with self.store.pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                write = Write(stream, ANY, [Raised(by_much=amount) for amount in amounts])
                await self.store.append([write], connection=connection)
                await transaction.rollback()

        self.wait_for(work())

    @rule(streams=st.sets(STREAMS, min_size=1))
    def load(self, streams: set[str]) -> None:
        loaded = self.wait_for(self.store.load(*streams))
        for stream in streams:
            assert [event.data.by_much for event in loaded.streams[stream]] == self.streams.get(stream, [])
            assert loaded.version(stream) == len(self.streams.get(stream, []))

    @invariant()
    def everything_is_read_once_and_in_order(self) -> None:
        assert self.wait_for(self._read_in_pages(3)) == self.log

    async def _read_in_pages(self, size: int) -> list[tuple[str, int, int]]:
        await settled(self.store.pool)
        position, found = START, []
        while raws := await self.store.read(position, size):
            found += [(raw.stream, raw.version, self.store.codec.decode(raw).data.by_much) for raw in raws]
            position = raws[-1].position
        assert position == await self.store.head()
        return found


def test_the_store_does_what_its_model_does(database: str) -> None:
    run_state_machine_as_test(type("OnThisDatabase", (StoreMachine,), {"dsn": database}), settings=BOUNDED)
