"""Stores from before there were keys: both kinds are read, and `encrypt` leaves nothing personal in clear anywhere."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import orjson
import pytest

from shared.kafka.relay import Relay
from shared.model.message import Event, Personal, Published, Subject
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.processing.parking import park
from shared.runtime import encrypting
from shared.runtime.declaration import Service
from shared.runtime.encrypting import encrypt_parked, encrypt_store, make_first_keys, publish_anew
from shared.runtime.kernel import Kernel
from shared.store.appending import ANY, Write
from shared.store.codec import Codec
from shared.store.database import open_pool
from shared.store.erasing import erase
from shared.store.event_store import Store
from shared.store.keys import KeyAwaited
from tests.shared.kafka.records import drained, event_id, records_of
from tests.shared.keys import raw_of_event
from tests.shared.things import COUNTER, PUBLISHED, Raised
from tests.shared.waiting import running, settled

NOTE = "Kanarienvogel"


class Visited(Event):
    """A visit by a guest, whose key another service makes; an older one names nobody."""

    whose = Subject("guest", "guest")

    guest: str | None = None
    name: Personal[str]


GUESTS = Published("guests", {"guest": ()}, subjects=("guest",))
SERVICE = Service(
    "things",
    PUBLISHED,
    deciders=(COUNTER, COUNTER.__class__("visit", None, COUNTER.decide, COUNTER.evolve, (Visited,))),  # type: ignore[arg-type]
    consumes=(GUESTS,),
)


@pytest.fixture
async def kernel(database: str, settings: Settings) -> AsyncIterator[Kernel]:
    pool = await open_pool(database, 4, "encrypting")
    kernel = Kernel(SERVICE, settings, pool)
    kernel.keys.patience = 0.0
    yield kernel
    await kernel.close()


async def in_clear(store: Store, stream: str, *events: Event) -> None:
    """Recorded as before there were keys."""
    plain = [Raised(by_much=0) for _ in events]
    for event, recorded in zip(events, await store.append([Write(stream, ANY, plain)]), strict=True):
        sql = "update events set data = $2, type = $3 where id = $1"
        await store.pool.execute(sql, recorded.id, event.model_dump_json(), type(event).__name__)


async def everything(kernel: Kernel) -> str:
    sql = (
        "select (select string_agg(e::text, ' ') from events as e), (select string_agg(p::text, ' ') from parked as p)"
    )
    return str(await kernel.pool.fetchrow(sql))


def nobody_looks(_: int) -> None:
    """Progress that nobody is shown."""


async def notes(kernel: Kernel, stream: str = "counter-1") -> list[str]:
    return [event.data.note for event in (await kernel.store.load(stream)).streams[stream]]


async def test_what_stands_in_clear_is_read_beside_what_is_encrypted(kernel: Kernel) -> None:
    await in_clear(kernel.store, "counter-1", Raised(by_much=1, note="before"))
    await kernel.store.append([Write("counter-1", ANY, [Raised(by_much=1, note="after")])])
    assert await notes(kernel) == ["before", "after"]
    assert await encrypt_store(kernel, nobody_looks) == 1
    assert await notes(kernel) == ["before", "after"]
    assert "before" not in await everything(kernel)


async def test_it_may_be_broken_off_and_goes_on(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypting, "_CLEAR", encrypting._CLEAR.replace("limit 500", "limit 2"))
    await in_clear(kernel.store, "counter-1", *[Raised(by_much=1, note=NOTE) for _ in range(5)])

    def broken_off(_: int) -> None:
        raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        await encrypt_store(kernel, broken_off)
    clear = "select count(*) from events where not data ? 'personal'"
    assert await kernel.pool.fetchval(clear) == 3
    seen: list[int] = []
    assert await encrypt_store(kernel, seen.append) == 3
    assert (await kernel.pool.fetchval(clear), seen) == (0, [2, 1])
    assert await encrypt_store(kernel, nobody_looks) == 0
    assert await notes(kernel) == [NOTE] * 5
    assert NOTE not in await everything(kernel)


async def test_of_whoever_is_erased_and_of_nobody_s_nothing_is_kept(kernel: Kernel) -> None:
    await in_clear(kernel.store, "counter-1", Raised(by_much=1, note=NOTE))
    await in_clear(kernel.store, "visit-1", Visited(name=NOTE))
    async with kernel.pool.acquire() as connection, connection.transaction():
        await erase(connection, "counter-1")
    assert await encrypt_store(kernel, nobody_looks) == 2
    assert NOTE not in await everything(kernel)
    assert (await notes(kernel), await kernel.pool.fetchval("select count(*) from subject_keys")) == ([""], 0)


async def test_a_key_that_another_service_has_not_told_is_named(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encrypting, "PATIENCE", 0.0)
    await in_clear(kernel.store, "visit-1", Visited(guest="7", name=NOTE))
    with pytest.raises(KeyAwaited, match="the key of guest-7 has not come yet"):
        await encrypt_store(kernel, nobody_looks)


async def test_what_is_parked_is_encrypted_too(kernel: Kernel) -> None:
    await kernel.store.append([Write("counter-1", ANY, [Raised(by_much=1, note="makes the key")])])
    event = Raised(by_much=1, note=NOTE)
    raw = raw_of_event(event, event.model_dump_json(), "counter-1", "others")
    async with kernel.pool.acquire() as connection:
        await park(connection, "view:totals:1", [raw], ValueError("broken"))
    assert await encrypt_parked(kernel, Codec(COUNTER.events)) == 1
    assert NOTE not in await everything(kernel)
    kept = orjson.loads(await kernel.pool.fetchval("select data::text from parked"))
    [read] = await kernel.keys.decoded(Codec(COUNTER.events), [raw._replace(data=orjson.dumps(kept))])
    assert read.data == event


async def test_kafka_holds_the_same_events_and_nothing_in_clear(kernel: Kernel, settings: Settings) -> None:
    await in_clear(kernel.store, "counter-1", *[Raised(by_much=1, note=NOTE) for _ in range(3)])
    await settled(kernel.pool)
    relay = Relay(kernel.store, PUBLISHED, settings, Metrics("things"))
    async with running(relay.run()):
        await drained(kernel.store)
        before = await records_of(settings)
        assert NOTE.encode() in _values(before)
        await encrypt_store(kernel, nobody_looks)
        await publish_anew(kernel, settings)
    async with running(Relay(kernel.store, PUBLISHED, settings, Metrics("things")).run()):
        await drained(kernel.store)
    after = await records_of(settings)
    assert {event_id(record) for record in after} == {event_id(record) for record in before}
    assert NOTE.encode() not in _values(after)


def _values(records: list[Any]) -> bytes:
    return b"".join(record.value or b"" for record in records)


async def test_a_store_from_before_gets_its_first_keys_so_that_others_need_not_wait(kernel: Kernel) -> None:
    await in_clear(kernel.store, "counter-1", Raised(by_much=1, note=NOTE))
    await in_clear(kernel.store, "counter-2", Raised(by_much=1, note=NOTE))
    assert await make_first_keys(kernel) == 2
    assert await make_first_keys(kernel) == 0
    rows = await kernel.pool.fetch("select subject, sent from subject_keys order by subject")
    assert [tuple(row) for row in rows] == [("counter-1", False), ("counter-2", False)]
