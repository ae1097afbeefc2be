"""Snapshots: what an aggregate had become at a version of its stream, so that a command reads only what came since.

They decide nothing: whoever finds none, or one that other code has folded, folds the events instead. What is personal
in a state is encrypted under its subject's key and goes with it. A snapshot is written after the events that it tells
of are committed, by nobody who waits for an answer, and only if it can be read back as the very same state.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.model.decider import AnyDecider, Decider
from shared.model.message import Event, Recorded, key_needed
from shared.store.codec import CannotDecode
from shared.store.database import Connection, Pool
from shared.store.keys import KeyMissing, Keys
from shared.store.personal import NONCE

log = structlog.get_logger(__name__)
S = TypeVar("S")

EVENTS: Final = 20
SIZE: Final = 200_000
"""A snapshot is taken once so many events, or bytes of them, were read to know a state."""
WAITING: Final = 1000
"""States that wait to be written; more are passed over, since their next command will ask again."""

_WRITE: Final = """insert into snapshots (stream, version, rules, subject, state)
    select taken.stream, taken.version, $6, taken.subject, taken.state
    from unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::bytea[])
        as taken (stream, version, event, subject, state)
    join events as e on e.stream = taken.stream and e.version = taken.version and e.id = taken.event
    where not exists (select from erased_subjects as gone where gone.subject = taken.subject)
    order by taken.stream
    on conflict (stream) do update
        set version = excluded.version, rules = excluded.rules, subject = excluded.subject, state = excluded.state
        where snapshots.version < excluded.version or snapshots.rules <> excluded.rules"""


class Kept(NamedTuple):
    """A row of the table."""

    version: int
    subject: str
    state: bytes


class Aggregate(NamedTuple):
    """A state and the version that it is of. subject: whose the snapshot is that it was folded on, "" without one or
    where nothing in it is personal. since: the events after that; size: theirs, in bytes.
    """

    state: Any
    version: int
    subject: str
    since: Sequence[Recorded[Any]]
    size: int


class States(NamedTuple):
    """Aggregates by stream, and the database's clock when they were read."""

    aggregates: Mapping[str, Aggregate]
    now: datetime

    def state(self, decider: Decider[Any, S, Any], key: object) -> S:
        """The state of an aggregate that was asked for."""
        found: S = self.aggregates[decider.stream(key)].state
        return found

    def version(self, stream: str) -> int:
        """Of a stream that was asked for; NO_STREAM (0) for one that there is not."""
        return self.aggregates[stream].version


class Taken(NamedTuple):
    """A state to be written. event: the last that it tells of, by which it is known to have been committed."""

    decider: AnyDecider
    state: Any
    version: int
    event: UUID
    subject: str


class Snapshots:
    """Of one service. rules: names the code that folds; without it none is taken or read."""

    def __init__(self, pool: Pool, keys: Keys, rules: str) -> None:
        self.pool, self.keys, self.rules = pool, keys, rules
        self._taken: dict[str, Taken] = {}
        self._unfit: set[str] = set()

    def note(
        self, decider: AnyDecider, before: Aggregate, events: Sequence[Event], last: Recorded[Any], after: Any
    ) -> None:
        """Remembers the state after these events, the last of them as recorded, if its stream has grown enough."""
        if not self.rules or (len(before.since) + len(events) < EVENTS and before.size < SIZE):
            return
        if decider.category in self._unfit or decider.initial is None:
            return
        subjects = _subjects(before, events, last.stream)
        if len(subjects) < 2 and len(self._taken) < WAITING and not any(event.erased for event in before.since):
            self._taken[last.stream] = Taken(decider, after, last.version, last.id, "".join(subjects))

    async def write(self) -> int:
        """Writes what was remembered; returns how many. What is not committed yet is passed over."""
        taken, self._taken = self._taken, {}
        if not taken:
            return 0
        ciphers = await self.keys.find({each.subject for each in taken.values() if each.subject})
        rows = [
            (stream, each.version, each.event, each.subject, state)
            for stream, each in taken.items()
            if (state := self._sealed(stream, each, ciphers)) is not None
        ]
        if rows:
            await self.pool.execute(_WRITE, *map(list, zip(*rows, strict=True)), self.rules)
        return len(rows)

    def _sealed(self, stream: str, taken: Taken, ciphers: Mapping[str, AESGCM | None]) -> bytes | None:
        """As it is kept; None for what cannot be kept, because its subject is erased or JSON does not hold it."""
        try:
            text = taken.decider.to_json(taken.state)
        except ValueError as error:
            self._unfit.add(taken.decider.category)
            log.error("no snapshots", reason=str(error))
            return None
        if not taken.subject:
            return text
        cipher = ciphers.get(taken.subject)
        if cipher is None:
            return None
        nonce = os.urandom(NONCE)
        return nonce + cipher.encrypt(nonce, text, self._bound(stream, taken.version))

    async def states(
        self, deciders: Mapping[str, AnyDecider], kept: Mapping[str, Kept], connection: Connection | None
    ) -> dict[str, Any]:
        """What these snapshots hold, by stream; one round trip for keys not at hand.

        Raises CannotDecode where a subject's key is gone, or a state does not fit.
        """
        ciphers = await self._ciphers({each.subject for each in kept.values() if each.subject}, connection)
        return {stream: self._opened(deciders[stream], stream, each, ciphers) for stream, each in kept.items()}

    async def _ciphers(self, subjects: Collection[str], connection: Connection | None) -> Mapping[str, AESGCM | None]:
        try:
            return await self.keys.find(subjects, connection) if subjects else {}
        except KeyMissing as error:
            raise CannotDecode(str(error)) from None

    def _opened(self, decider: AnyDecider, stream: str, kept: Kept, ciphers: Mapping[str, AESGCM | None]) -> Any:
        text = kept.state
        try:
            if kept.subject:
                cipher = ciphers.get(kept.subject)
                if cipher is None:
                    raise CannotDecode(f"the subject of {stream} is erased or unknown")
                text = cipher.decrypt(text[:NONCE], text[NONCE:], self._bound(stream, kept.version))
            return decider.from_json(text)
        except (InvalidTag, ValueError) as error:
            raise CannotDecode(f"the snapshot of {stream}: {type(error).__name__}") from None

    def _bound(self, stream: str, version: int) -> bytes:
        return f"snapshot/{stream}/{version}/{self.rules}".encode()


def _subjects(before: Aggregate, events: Iterable[Event], stream: str) -> set[str]:
    """Whose personal data the state may hold."""
    told = [*(event.data for event in before.since), *events]
    return {before.subject, *(key_needed(event, stream) for event in told)} - {""}
