"""The event store: streams with optimistic versions, appended atomically, and read in order without gaps.

Positions drawn from a sequence commit out of order, so a reader that only remembers the last one skips events. Here an
event stands at (transaction id, position), and readers stop below the oldest running transaction. Two consequences:
an append must be the first write of its transaction, and no write transaction may run for long.
"""

import asyncio
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.model.decider import Decider
from shared.model.errors import N_, Invalid
from shared.model.message import START, Event, Position, Recorded, holds_personal, new_id, personal_fields, subject_of
from shared.ops.context import Context, current
from shared.ops.metrics import Metrics
from shared.ops.wakeup import Wakeup
from shared.store import personal
from shared.store.codec import Codec, Raw, encode, raw_of
from shared.store.database import Connection, Pool
from shared.store.keys import Ciphers, Keys

S = TypeVar("S")

NO_CIPHERS: Final = Ciphers({}, {})

MOST_BYTES: Final = 8_000_000
"""Where a batch ends, however few events it holds: many large ones would fill the memory."""

NO_STREAM: Final = 0
ANY: Final = -1

# What the function does, for what most commands lead to: one event. No row: another version stands there.
_INSERT_ONE = """
    insert into events (id, stream, version, type, schema_version, data, correlation, causation, actor, trace, at)
    select $3, $1, base.version, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() from base
    returning transaction, position, at"""
_FIRST = f"""with base as (insert into streams select $1, $2 + 1 on conflict do nothing returning version)
    {_INSERT_ONE}"""
_NEXT = f"""with base as (update streams set version = version + 1 where stream = $1 and version = $2 returning version)
    {_INSERT_ONE}"""
_APPEND = "select * from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
COLUMNS = """id, stream, version, type, schema_version, data::text as data, correlation, causation, actor, trace, at,
    transaction, position"""
_LOAD = f"""select clock_timestamp() as now, {COLUMNS} from (select 1) as one
    left join events on stream = any($1) order by stream, version"""
NEXT_ONES = """from events where (transaction, position) > ($1, $2)
    and transaction < pg_snapshot_xmin(pg_current_snapshot()) order by transaction, position limit"""
# Few batches are so large that the running sum is wanted, which costs more than reading the events.
_READ = f"""select {COLUMNS} {NEXT_ONES} (
    with sizes as not materialized (select transaction, position, pg_column_size(data) as size {NEXT_ONES} $3)
    select case when sum(size) < {MOST_BYTES} then $3 else (
        select count(*) from (
            select sum(size) over (order by transaction, position rows unbounded preceding) - size as before from sizes
        ) as s where before < {MOST_BYTES}
    ) end from sizes)"""

_HEAD = """select transaction, position from events where transaction < pg_snapshot_xmin(pg_current_snapshot())
    order by transaction desc, position desc limit 1"""
_AFTER = """select exists (select from events where (transaction, position) > ($1, $2) and transaction < horizon),
    exists (select from events where transaction >= horizon)
    from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) as one"""


SOON: Final = 0.002
LARGEST: Final = 600_000
"""Bytes of JSON that one event may hold, so that Kafka (1 MB a record) takes whatever the store took."""


TOO_LARGE: Final = N_("This is too long: %(size)s bytes of at most %(most)s. Shorten the longest texts")


class WrongVersion(Exception):
    """The stream is not at the expected version: somebody else was faster."""


_RUNNING = """select pg_snapshot_xmin(now), pg_snapshot_xmax(now) from (select pg_current_snapshot() as now) as one"""


class Write(NamedTuple):
    """Events for one stream. expected: the version it must have, NO_STREAM (0), or ANY (-1).

    contexts: for each event the conversation it belongs to; without them, the current one.
    """

    stream: str
    expected: int
    events: Sequence[Event]
    contexts: Sequence[Context] = ()


class Loaded(NamedTuple):
    """The events of the streams asked for, by stream, and the database's clock when they were read."""

    streams: Mapping[str, tuple[Recorded[Any], ...]]
    now: datetime

    def state(self, decider: Decider[Any, S, Any], key: object) -> S:
        """An aggregate as the events of its stream tell it; the stream has been asked for."""
        return decider.fold(event.data for event in self.streams[decider.stream(key)])

    def version(self, stream: str) -> int:
        events = self.streams.get(stream, ())
        return events[-1].version if events else NO_STREAM


class Store:
    """One service's events. `appended` fires after each commit of this process."""

    def __init__(self, pool: Pool, codec: Codec, keys: Keys, source: str = "", metrics: Metrics | None = None) -> None:
        self.pool, self.codec, self.keys, self.source, self.metrics = pool, codec, keys, source, metrics
        self.appended = Wakeup()
        self._oldest: tuple[int, float] | None = None
        self._lineage = ""

    async def append(
        self, writes: Iterable[Write], *, connection: Connection | None = None, actor: str | None = None
    ) -> tuple[Recorded[Any], ...]:
        """Appends to all streams or to none, in one round trip where the keys of what is personal are at hand.

        Raises WrongVersion, KeyAwaited while another service has not told a key, or Invalid if it is too large. On a
        `connection` within a transaction it must be the first write there, and the caller fires `appended` after the
        commit. The actor is the context's unless named.
        """
        context = current()
        entries = _entries(writes, context)
        if not entries:
            return ()
        ciphers = await self._ciphers(entries, connection)
        rows = _Rows(entries, ciphers.by_subject, context.actor if actor is None else actor)
        recorded = await self._append(rows, ciphers.made, connection)
        if connection is None:
            self.appended.fire()
        if self.metrics is not None:
            self.metrics.appended.inc(len(recorded))
        return recorded

    async def _ciphers(self, entries: Sequence["_Entry"], connection: Connection | None) -> Ciphers:
        subjects = {entry.subject for entry in entries if entry.subject}
        return await self.keys.ciphers(subjects, connection) if subjects else NO_CIPHERS

    async def _append(
        self, rows: "_Rows", made: Mapping[str, bytes], connection: Connection | None
    ) -> tuple[Recorded[Any], ...]:
        """With new keys in one transaction, after the events: an append is the first write of its own."""
        if not made:
            return await rows.append(connection or self.pool)
        if connection is None:
            async with self.pool.acquire() as own, own.transaction():
                return await self._append(rows, made, own)
        recorded = await rows.append(connection)
        if not await self.keys.keep(connection, made):
            raise WrongVersion("somebody else made the key of the same subject at the same moment")
        return recorded

    async def load(self, *streams: str, connection: Connection | None = None) -> Loaded:
        """The decoded events of these streams and the database's clock, in one round trip."""
        rows = await (connection or self.pool).fetch(_LOAD, list(streams))
        found: dict[str, list[Recorded[Any]]] = {stream: [] for stream in streams}
        raws = [raw_of(row, self.source) for row in rows if row["id"] is not None]
        for event in await self.keys.decoded(self.codec, raws, connection):
            found[event.stream].append(event)
        return Loaded({stream: tuple(events) for stream, events in found.items()}, rows[0]["now"])

    async def read(self, after: Position = START, limit: int = 1000, connection: Connection | None = None) -> list[Raw]:
        """The next events of the whole store in order, none skipped; empty while nothing settled is left to read.

        Fewer than `limit` where they are large: see `may_be_cut`.
        """
        rows = await (connection or self.pool).fetch(_READ, *after, limit)
        return [raw_of(row, self.source) for row in rows]

    async def lineage(self) -> str:
        """The name of this store, which its copies keep and its events bear where they leave."""
        if not self._lineage:
            self._lineage = str(await self.pool.fetchval("select lineage from epoch"))
        return self._lineage

    async def head(self) -> Position:
        """The last settled position; START for an empty store."""
        row = await self.pool.fetchrow(_HEAD)
        return Position(row[0], row[1]) if row else START

    async def wait_for_more(self, after: Position, seen: int, poll: float) -> None:
        """Returns when events may follow `after`: they do, one was appended since `seen`, or `poll` seconds are over.

        Events that an older transaction, still running, hides are looked for again very soon.
        """
        pause = SOON
        while True:
            settled, hidden = await self.pool.fetchrow(_AFTER, *after) or (False, False)
            if settled or pause > poll:
                return
            await self.appended.wait(seen, pause if hidden else poll)
            if not hidden:
                return
            pause *= 2

    async def find(self, stream: str, version: int) -> UUID | None:
        """The id of the event at this version of the stream, if there is one."""
        found: UUID | None = await self.pool.fetchval(
            "select id from events where stream = $1 and version = $2", stream, version
        )
        return found

    async def horizon_age(self) -> float:
        """Seconds for which one write transaction of the cluster was seen to hold readers back; 0 at the first look.

        Snapshots show what runs by all roles in all databases; pg_stat_activity says less of others' sessions.
        """
        oldest, end = await self.pool.fetchrow(_RUNNING) or (0, 0)
        now = time.monotonic()
        if oldest == end:
            self._oldest = None
            return 0.0
        if self._oldest is None or self._oldest[0] != oldest:
            self._oldest = oldest, now
        return now - self._oldest[1]


class _Entry(NamedTuple):
    """One event about to be appended: the `ordinal`-th event of the `owner`-th stream of this append."""

    write: Write
    owner: int
    ordinal: int
    event: Event
    context: Context
    id: UUID
    subject: str


def _entries(writes: Iterable[Write], current_context: Context) -> list[_Entry]:
    entries = []
    batches = sorted([write for write in writes if write.events], key=itemgetter(0))
    for owner, write in enumerate(batches, 1):
        contexts = write.contexts or [current_context] * len(write.events)
        for ordinal, (event, context) in enumerate(zip(write.events, contexts, strict=True), 1):
            subject = subject_of(event, write.stream) if holds_personal(event) else ""
            entries.append(_Entry(write, owner, ordinal, event, context, new_id(), subject))
    return entries


class _Rows(NamedTuple):
    """The events of one append, what encrypts for their subjects, and who acts."""

    entries: Sequence[_Entry]
    ciphers: Mapping[str, AESGCM | None]
    actor: str

    async def append(self, executor: Connection | Pool) -> tuple[Recorded[Any], ...]:
        is_single = len(self.entries) == 1 and self.entries[0].write.expected != ANY
        return await (self._append_one if is_single else self._append_several)(executor)

    async def _append_one(self, executor: Connection | Pool) -> tuple[Recorded[Any], ...]:
        (entry,) = self.entries
        (stream, expected, *_), _, _, event, context, id_, _ = entry
        rows = await executor.fetch(
            _NEXT if expected else _FIRST, stream, expected, id_, type(event).__name__, event.schema_version,
            self._encoded(entry), context.correlation, context.causation, self.actor, context.trace,
        )  # fmt: skip
        if not rows:
            raise WrongVersion(f"stream {stream} is not at version {expected}")
        transaction, number, at = rows[0]
        return (self._recorded(entry, Position(transaction, number), expected + 1, at),)

    async def _append_several(self, executor: Connection | Pool) -> tuple[Recorded[Any], ...]:
        try:
            rows = await executor.fetch(_APPEND, *self._arguments(), self.actor)
        except asyncpg.PostgresError as error:
            if error.sqlstate == "PS409":
                raise WrongVersion(str(error)) from None
            raise
        return tuple([
            self._recorded(entry, Position(transaction, number), version, at)
            for entry, (transaction, number, version, at) in zip(self.entries, rows, strict=True)
        ])  # fmt: skip

    def _recorded(self, entry: _Entry, position: Position, version: int, at: datetime) -> Recorded[Any]:
        (stream, *_), _, _, event, context, id_, _ = entry
        return Recorded(
            event, id_, stream, version, position, at, context.correlation, context.causation, self.actor, context.trace
        )

    def _arguments(self) -> tuple[list[Any], ...]:
        """The parameters of append_events but the actor: one value a stream, then one value an event."""
        writes = [entry.write for entry in self.entries if entry.ordinal == 1]
        return (
            [write.stream for write in writes],
            [write.expected for write in writes],
            [len(write.events) for write in writes],
            [entry.id for entry in self.entries],
            [entry.owner for entry in self.entries],
            [entry.ordinal for entry in self.entries],
            [type(entry.event).__name__ for entry in self.entries],
            [entry.event.schema_version for entry in self.entries],
            [self._encoded(entry) for entry in self.entries],
            [entry.context.correlation for entry in self.entries],
            [entry.context.causation for entry in self.entries],
            [entry.context.trace for entry in self.entries],
        )

    def _encoded(self, entry: _Entry) -> str:
        """As it is kept. Raises Invalid for more text than Kafka would take."""
        hidden = personal_fields(type(entry.event))
        if not entry.subject:
            text = encode(entry.event, hidden)
            size = len(text) if text.isascii() else len(text.encode())
        else:
            of = personal.Of(entry.id, type(entry.event).__name__, entry.subject)
            text, size = personal.sealed(entry.event, hidden, of, self.ciphers[entry.subject])
        if size > LARGEST:
            raise Invalid.because(TOO_LARGE, size=size, most=LARGEST)
        return text


def may_be_cut(raws: Sequence[Raw]) -> bool:
    """Whether a batch may have ended early because its events are large: their text is a good part of MOST_BYTES."""
    return sum(len(raw.data) for raw in raws) * 8 > MOST_BYTES


async def pause_before_retry(attempt: int) -> None:
    """A short random pause, growing with the attempt, before an optimistic conflict is tried again."""
    await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter, not a secret
