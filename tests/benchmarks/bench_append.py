"""Appending: our store against the eventsourcing library and against bare inserts of the same rows."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from deploy.local.servers import Servers
from shared.model.message import Event, new_id
from shared.ops.context import Context, entered
from shared.store.appending import Write
from shared.store.codec import encode
from shared.store.database import Pool
from shared.store.event_store import Store
from tests.benchmarks.places import fresh_database
from tests.benchmarks.table import Row, faster, in_turns, rate_of
from tests.shared.things import Raised, open_store

REMARK = "An ordinary remark of ordinary length, as candidates write them."


class Noted(Event):
    """The same as the personal one, said of nobody."""

    by_much: int
    note: str = ""


PERSONAL, EVENT = Raised(by_much=7, note=REMARK), Noted(by_much=7, note=REMARK)
RAW_TABLE = "create table if not exists raw_events (like events including all)"
RAW_INSERT = """
    insert into raw_events (id, stream, version, type, schema_version, data, correlation, causation, actor, trace)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning transaction, position, at"""
RAW_UNNEST = """
    insert into raw_events (id, stream, version, type, schema_version, data, correlation, causation, actor, trace)
    select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::smallint[], $6::jsonb[], $7::uuid[],
    $8::uuid[], $9::text[], $10::text[]) returning transaction, position, at"""


class OurWriter:
    """Appends `size` events at a time to a stream of its own, at the exact version."""

    def __init__(self, store: Store, size: int = 1, event: Event = EVENT) -> None:
        self.store, self.size, self.stream, self.version = store, size, f"counter-{uuid4()}", 0
        self.event = event

    async def __call__(self) -> int:
        await self.store.append([Write(self.stream, self.version, [self.event] * self.size)])
        self.version += self.size
        return self.size


class RawWriter:
    """Inserts the same rows with asyncpg alone, and hears like every caller of ours where they stand."""

    def __init__(self, pool: Pool, size: int = 1) -> None:
        self.pool, self.size, self.stream, self.version = pool, size, f"counter-{uuid4()}", 0

    def row(self) -> tuple[Any, ...]:
        self.version += 1
        return new_id(), self.stream, self.version, "Noted", 1, encode(EVENT), new_id(), None, "", ""

    async def __call__(self) -> int:
        if self.size == 1:
            await self.pool.fetch(RAW_INSERT, *self.row())
        else:
            await self.pool.fetch(RAW_UNNEST, *map(list, zip(*(self.row() for _ in range(self.size)), strict=True)))
        return self.size


class Library:
    """The eventsourcing library's recorder, in threads as it is meant to be used."""

    def __init__(self, dsn: str, writers: int) -> None:
        parts = urlsplit(dsn)
        self.datastore = PostgresDatastore(
            dbname=parts.path.lstrip("/"), host=parts.hostname or "", port=parts.port or 5432,
            user=parts.username or "", password=parts.password or "", pool_size=writers,
        )  # fmt: skip
        self.recorder = PostgresApplicationRecorder(self.datastore, events_table_name=f"library_{writers}")
        self.recorder.create_table()
        self.streams = [(uuid4(), [0]) for _ in range(writers)]
        self.threads = ThreadPoolExecutor(writers)

    async def __call__(self, seconds: float) -> float:
        loop, begun = asyncio.get_running_loop(), time.perf_counter()
        writing = [
            loop.run_in_executor(self.threads, self._write, n, begun + seconds) for n in range(len(self.streams))
        ]
        done = await asyncio.gather(*writing)
        return sum(done) / (time.perf_counter() - begun)

    def _write(self, number: int, until: float) -> int:
        (stream, version), begun = self.streams[number], self.streams[number][1][0]
        while time.perf_counter() < until:
            version[0] += 1
            state = encode(EVENT).encode()
            self.recorder.insert_events([StoredEvent(stream, version[0], "things:Noted", state)])
        return version[0] - begun

    def close(self) -> None:
        self.threads.shutdown()
        self.datastore.close()


async def rows(servers: Servers) -> Sequence[Row]:
    async with fresh_database(servers) as dsn, open_store(dsn, 16, more=[Noted]) as store:
        with entered(Context(actor="bench")):  # As every command runs in the scope of its request.
            return await all_rows(dsn, store)


async def all_rows(dsn: str, store: Store) -> Sequence[Row]:
    await store.pool.execute(RAW_TABLE)
    return [
        *await singles(dsn, store, 1), *await singles(dsn, store, 16), await batches(store),
        await personal(store, 1), await personal(store, 16),
    ]  # fmt: skip


async def singles(dsn: str, store: Store, writers: int) -> list[Row]:
    library = Library(dsn, writers)
    ours, raws = [OurWriter(store) for _ in range(writers)], [RawWriter(store.pool) for _ in range(writers)]
    try:
        rates = await in_turns({
            "ours": lambda seconds: rate_of(ours, seconds),
            "raw": lambda seconds: rate_of(raws, seconds),
            "library": library,
        })  # fmt: skip
    finally:
        library.close()
    what = f"append, {writers} writer{'s' * (writers > 1)}"
    # One writer waits for the disk at every append: there a bare insert is not 8 times as fast either.
    return [
        faster(what, rates["ours"], "eventsourcing 9.5", rates["library"], 8 if writers > 1 else 0),
        faster(what, rates["ours"], "raw asyncpg insert", rates["raw"], 0.85),
    ]


async def batches(store: Store) -> Row:
    ours, raw = OurWriter(store, 100), RawWriter(store.pool, 100)
    rates = await in_turns({
        "ours": lambda seconds: rate_of([ours], seconds),
        "raw": lambda seconds: rate_of([raw], seconds),
    })  # fmt: skip
    return faster("append in batches of 100", rates["ours"], "raw unnest insert", rates["raw"], 0.6)


async def personal(store: Store, writers: int) -> Row:
    """At most 15 % slower than what holds nothing personal."""
    sealed = [OurWriter(store, event=PERSONAL) for _ in range(writers)]
    plain = [OurWriter(store) for _ in range(writers)]
    rates = await in_turns({
        "sealed": lambda seconds: rate_of(sealed, seconds),
        "plain": lambda seconds: rate_of(plain, seconds),
    })  # fmt: skip
    what = f"append with personal data, {writers} writer{'s' * (writers > 1)}"
    return faster(what, rates["sealed"], "without", rates["plain"], 0.85)
