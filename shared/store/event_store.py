"""The event store: streams with optimistic versions, appended atomically, and read in order without gaps.

Positions drawn from a sequence commit out of order, so a reader that only remembers the last one skips events. Here an
event stands at (transaction id, position), and readers stop below the oldest running transaction. Two consequences:
an append must be the first write of its transaction, and no write transaction may run for long.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog

from shared.model.decider import AnyDecider
from shared.model.message import START, Position, Recorded
from shared.ops.context import current
from shared.ops.metrics import Metrics
from shared.ops.tracing import Tracing
from shared.ops.wakeup import Wakeup
from shared.store.appending import NO_STREAM, Entry, Rows, Write, WrongVersion, entries_of
from shared.store.codec import CannotDecode, Codec, Raw, raw_of
from shared.store.database import Connection, Pool
from shared.store.keys import Keys
from shared.store.snapshots import Aggregate, Kept, Snapshots, States

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 8_000_000
"""Where a batch ends, however few events it holds: many large ones would fill the memory."""

COLUMNS = """id, stream, version, type, schema_version, data::text as data, correlation, causation, actor, trace, at,
    transaction, position"""
_LOAD = f"select {COLUMNS} from events where stream = any($1) order by stream, version"
_FIRST = f"select {COLUMNS} from events where stream = any($1) and version = 1"
# The last that stands before is sought from the stream's end, so that a long stream costs no more than a short one.
_SINCE = f"""select {COLUMNS} from events where stream = $1 and version > coalesce((select version from events
    where stream = $1 and (transaction, position) <= ($2, $3) order by version desc limit 1), 0) order by version"""
# A snapshot stands in the first of its stream's rows alone, since it can be as large as all the others together.
_STATES = f"""select clock_timestamp() as now, asked.stream as asked, kept.version as kept_version, kept.subject,
    case when e.version is null or e.version = kept.version + 1 then kept.state end as state, e.*
    from (select 1) as one left join unnest($1::text[]) as asked (stream) on true
    left join snapshots as kept on kept.stream = asked.stream and kept.rules = $2
    left join lateral (select {COLUMNS} from events
        where stream = asked.stream and version > coalesce(kept.version, 0)) as e on true
    order by asked.stream collate "C", e.version"""
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

HEAD = """select transaction, position from events where transaction < pg_snapshot_xmin(pg_current_snapshot())
    order by transaction desc, position desc limit 1"""
_AFTER = """select exists (select from events where (transaction, position) > ($1, $2) and transaction < horizon),
    exists (select from events where transaction >= horizon)
    from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) as one"""


SOON: Final = 0.002
LATE: Final = 0.5
"""Seconds of the first pause and of the longest, between two looks at what an older transaction hides."""

_RUNNING = """select pg_snapshot_xmin(now), pg_snapshot_xmax(now) from (select pg_current_snapshot() as now) as one"""


class Loaded(NamedTuple):
    """All events of the streams asked for, by stream."""

    streams: Mapping[str, tuple[Recorded[Any], ...]]

    def version(self, stream: str) -> int:
        events = self.streams.get(stream, ())
        return events[-1].version if events else NO_STREAM


class Store:
    """One service's events. `appended` fires after each commit of this process, and when polling saw another's.

    rules: names the code that folds them, see `Snapshots`.
    """

    def __init__(
        self, pool: Pool, codec: Codec, keys: Keys, source: str = "", metrics: Metrics | None = None, *,
        tracing: Tracing | None = None, rules: str = "",
    ) -> None:  # fmt: skip
        self.pool, self.codec, self.keys, self.source, self.metrics = pool, codec, keys, source, metrics
        self.tracing = tracing
        self.appended = Wakeup()
        self.snapshots = Snapshots(pool, keys, rules)
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
        entries = entries_of(writes, context)
        if not entries:
            return ()
        actor = context.actor if actor is None else actor
        if self.tracing is None:
            return await self._append_all(entries, actor, connection)
        of = [(entry.context.trace, type(entry.event).__name__) for entry in entries]
        with self.tracing.spans("append", of, {}) as traces:
            return await self._append_all([entry.within(traces) for entry in entries], actor, connection)

    async def _append_all(
        self, entries: Sequence[Entry], actor: str, connection: Connection | None
    ) -> tuple[Recorded[Any], ...]:
        ciphers = await self.keys.ciphers({entry.subject for entry in entries if entry.subject}, connection)
        rows = Rows(entries, ciphers.by_subject, actor)
        recorded = await self._append(rows, ciphers.made, connection)
        if connection is None:
            self.appended.fire()
        if self.metrics is not None:
            self.metrics.appended.inc(len(recorded))
        return recorded

    async def _append(
        self, rows: Rows, made: Mapping[str, bytes], connection: Connection | None
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
        """All events of these streams, decoded, in one round trip."""
        rows = await (connection or self.pool).fetch(_LOAD, list(streams))
        found: dict[str, list[Recorded[Any]]] = {stream: [] for stream in streams}
        for event in await self.keys.decoded(self.codec, [raw_of(row, self.source) for row in rows], connection):
            found[event.stream].append(event)
        return Loaded({stream: tuple(events) for stream, events in found.items()})

    async def first(self, *streams: str) -> dict[str, Recorded[Any]]:
        """The first event of each of these streams that there is."""
        rows = await self.pool.fetch(_FIRST, list(streams))
        events = await self.keys.decoded(self.codec, [raw_of(row, self.source) for row in rows])
        return {event.stream: event for event in events}

    async def since(self, stream: str, after: Position) -> list[Recorded[Any]]:
        """The events of one stream that stand behind this position."""
        rows = await self.pool.fetch(_SINCE, stream, *after)
        return await self.keys.decoded(self.codec, [raw_of(row, self.source) for row in rows])

    async def states(
        self, aggregates: Iterable[tuple[AnyDecider, object]], connection: Connection | None = None
    ) -> States:
        """What these aggregates have become, in one round trip, however long their streams are."""
        deciders = {decider.stream(key): decider for decider, key in aggregates}
        try:
            return await self._states(deciders, self.snapshots.rules, connection)
        except CannotDecode as error:  # Of a snapshot or of an event: without snapshots it shows.
            found = await self._states(deciders, "", connection)
            log.warning("a snapshot cannot be read", reason=str(error))
            return found

    async def _states(self, deciders: Mapping[str, AnyDecider], rules: str, connection: Connection | None) -> States:
        rows = await (connection or self.pool).fetch(_STATES, list(deciders), rules)
        raws = [raw_of(row, self.source) for row in rows if row["id"] is not None]
        since: dict[str, list[Recorded[Any]]] = {stream: [] for stream in deciders}
        sizes = dict.fromkeys(deciders, 0)
        for raw, event in zip(raws, await self.keys.decoded(self.codec, raws, connection), strict=True):
            since[raw.stream].append(event)
            sizes[raw.stream] += len(raw.data)
        kept = {row["asked"]: Kept(row["kept_version"], row["subject"], row["state"]) for row in rows if row["state"]}
        begun = await self.snapshots.states(deciders, kept, connection)
        found = {
            stream: _aggregate(decider, begun.get(stream), kept.get(stream), since[stream], sizes[stream])
            for stream, decider in deciders.items()
        }
        return States(found, rows[0]["now"])

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
        row = await self.pool.fetchrow(HEAD)
        return Position(row[0], row[1]) if row else START

    async def wait_for_more(self, after: Position, seen: int, patience: float) -> bool:
        """Whether events may follow `after`: they do, or one was appended since `seen`; False after so many seconds.

        Events that an older transaction, still running, hides are looked for again very soon.
        """
        pause = SOON
        while True:
            settled, hidden = await self.pool.fetchrow(_AFTER, *after) or (False, False)
            if settled or pause > LATE:
                return True
            if not hidden:
                return await self.appended.wait(seen, patience)
            await self.appended.wait(seen, pause)
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


def _aggregate(
    decider: AnyDecider, begun: Any, kept: Kept | None, since: Sequence[Recorded[Any]], size: int
) -> Aggregate:
    version = since[-1].version if since else kept.version if kept else NO_STREAM
    state = decider.fold((event.data for event in since), begun)
    return Aggregate(state, version, kept.subject if kept else "", since, size)


def may_be_cut(raws: Sequence[Raw]) -> bool:
    """Whether a batch may have ended early because its events are large: their text is a good part of MOST_BYTES."""
    return sum(len(raw.data) for raw in raws) * 8 > MOST_BYTES
