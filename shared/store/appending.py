"""The rows of an append: events for one stream or several, encoded, and written in one statement."""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.model.errors import N_, Invalid
from shared.model.message import Event, Position, Recorded, key_needed, new_id
from shared.ops.context import Context
from shared.store import personal
from shared.store.database import Connection, Pool

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
    {_INSERT_ONE}"""  # noqa: S608 - of our own constants
_APPEND = "select * from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"

LARGEST: Final = 600_000
"""Bytes of JSON that one event may hold, so that Kafka (1 MB a record) takes whatever the store took."""


TOO_LARGE: Final = N_("This is too long: %(size)s bytes of at most %(most)s. Shorten the longest texts")


class WrongVersion(Exception):
    """The stream is not at the expected version: somebody else was faster."""


class Write(NamedTuple):
    """Events for one stream. expected: the version it must have, NO_STREAM (0), or ANY (-1).

    contexts: for each event the conversation it belongs to; without them, the current one.
    """

    stream: str
    expected: int
    events: Sequence[Event]
    contexts: Sequence[Context] = ()


class Entry(NamedTuple):
    """One event about to be appended: the `ordinal`-th event of the `owner`-th stream of this append."""

    write: Write
    owner: int
    ordinal: int
    event: Event
    context: Context
    id: UUID
    subject: str
    """Under whose key what is personal in it is kept; "" where nothing is."""

    def within(self, traces: Mapping[str, str]) -> "Entry":
        """The same, in the trace that stands for its own, if there is one."""
        trace = traces.get(self.context.trace, self.context.trace)
        return self._replace(context=replace(self.context, trace=trace))


def entries_of(writes: Iterable[Write], current_context: Context) -> list[Entry]:
    entries = []
    batches = sorted([write for write in writes if write.events], key=itemgetter(0))
    for owner, write in enumerate(batches, 1):
        contexts = write.contexts or [current_context] * len(write.events)
        for ordinal, (event, context) in enumerate(zip(write.events, contexts, strict=True), 1):
            needed = key_needed(event, write.stream)
            entries.append(Entry(write, owner, ordinal, event, context, new_id(), needed))
    return entries


class Rows(NamedTuple):
    """The events of one append, what encrypts for their subjects, and who acts."""

    entries: Sequence[Entry]
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

    def _recorded(self, entry: Entry, position: Position, version: int, at: datetime) -> Recorded[Any]:
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

    def _encoded(self, entry: Entry) -> str:
        """As it is kept. Raises Invalid for more text than Kafka would take."""
        of = personal.Of(entry.id, type(entry.event).__name__, entry.subject)
        text, size = personal.sealed(entry.event, of, self.ciphers.get(entry.subject))
        if size > LARGEST:
            raise Invalid.because(TOO_LARGE, size=size, most=LARGEST)
        return text


async def pause_before_retry(attempt: int) -> None:
    """A short random pause, growing with the attempt, before an optimistic conflict is tried again."""
    await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter, not a secret
