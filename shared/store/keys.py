"""The keys of subjects: whoever is to be forgotten has one, under which all that is personal of theirs is encrypted.

The service that a subject belongs to makes the key with the first event that needs it, and tells the others, which keep
it too. A key that is not there yet is waited for; one that was erased is known to be gone for ever.
"""

import os
import time
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.model.message import PART, Recorded
from shared.ops.sealing import Resealed, Sealer
from shared.ops.wakeup import Wakeup
from shared.store import personal
from shared.store.codec import CannotDecode, Codec, Raw
from shared.store.database import TRANSACTION_SECONDS, Connection, Pool

PURPOSE: Final = "key of a subject"
PATIENCE: Final = 5.0
"""Seconds for which a request waits for a key that is on its way."""
MISSING: Final = 60.0
"""Seconds after which a key that has not come is the event's own failing."""
HELD: Final = 200_000
"""Keys that a process keeps at hand."""
LOOK_BACK: Final = timedelta(seconds=2 * TRANSACTION_SECONDS)
"""Before its last look a process asks again who was erased: a transaction that was open then may have ended since."""

_FIND: Final = """select subject, wrapped, xmin <> coalesce(pg_current_xact_id_if_assigned()::xid, '0'::xid) as settled
        from subject_keys where subject = any($1)
    union all select subject, null, true from erased_subjects where subject = any($1)"""
_KNOWN: Final = """select subject from subject_keys where subject = any($1)
    union select subject from erased_subjects where subject = any($1)"""
LATELY: Final = "from erased_subjects where noted_at > coalesce({}::timestamptz, now()) - {}::interval"
_ERASED: Final = f"select now() as now, array(select subject {LATELY.format('$1', '$2')}) as erased"
_MAKE: Final = """insert into subject_keys (subject, wrapped, sent) select *, false from unnest($1::text[], $2::bytea[])
    on conflict do nothing"""
_NEXT_KEYS: Final = "select subject, wrapped from subject_keys where subject > $1 order by subject limit 1000"
_FIRST_KEYS: Final = "select subject, wrapped from subject_keys order by subject limit 20"
_WRAP_ANEW: Final = """update subject_keys as k set wrapped = new.wrapped,
        sent = not (split_part(k.subject, '-', 1) = any($3::text[]))
    from unnest($1::text[], $2::bytea[]) as new (subject, wrapped) where k.subject = new.subject"""
_LEARN: Final = """insert into subject_keys (subject, wrapped)
    select * from unnest($1::text[], $2::bytea[]) as new (subject, wrapped)
    where not exists (select from erased_subjects as e where e.subject = new.subject)
    and not exists (select from subject_keys as k where (k.subject, k.wrapped) = (new.subject, new.wrapped))
    order by subject
    on conflict (subject) do update set wrapped = excluded.wrapped where subject_keys.wrapped <> excluded.wrapped"""
_RETRY: Final = """update parked set due = now() where due is null and attempts > 0
    and split_part(data->>'personal', '.', 1) = any($1)"""


class KeyAwaited(ConnectionError):
    """The keys of these subjects have not come yet; they are on their way."""

    def __init__(self, subjects: Collection[str]) -> None:
        super().__init__(f"the key of {', '.join(sorted(subjects))} has not come yet")
        self.subjects = frozenset(subjects)


class KeyMissing(Exception):
    """The key of a subject has not come for a minute: something is wrong with it, not with the moment."""


class Ciphers(NamedTuple):
    """What encrypts for each subject, None for who is erased; and the wrapped keys that are new."""

    by_subject: Mapping[str, AESGCM | None]
    made: Mapping[str, bytes]


class Keys:
    """The keys that one service knows. own: the categories of the streams whose keys it makes itself.

    `arrived` fires when keys were learnt. `missing` are the subjects that were asked for and not found, each with the
    time (`time.monotonic`) since when.
    """

    patience = PATIENCE

    def __init__(self, pool: Pool, sealer: Sealer, own: Collection[str] = ()) -> None:
        self.pool, self.sealer, self.own = pool, sealer, frozenset(own)
        self.arrived = Wakeup()
        self.missing: dict[str, float] = {}
        self._held: dict[str, AESGCM | None] = {}
        self._looked: datetime | None = None

    def is_own(self, subject: str) -> bool:
        """Whether this service makes the subject's key, tells the others, and erases it."""
        return subject.partition("-")[0] in self.own

    async def decoded(
        self, codec: Codec, raws: Iterable[Raw], connection: Connection | None = None
    ) -> list[Recorded[Any]]:
        """The events, with what is personal in them where it is not erased; one round trip for keys not at hand.

        Raises CannotDecode, KeyAwaited, and KeyMissing for a key that has not come for a minute.
        """
        parsed = [(raw, *_parted(codec, raw)) for raw in raws]
        subjects = {personal.subject_in(part) for _, _, part in parsed if part is not None}
        ciphers = await self.find(subjects, connection) if subjects else {}
        self._refuse_unknown(subjects - ciphers.keys())
        return [_decoded(codec, raw, fields, part, ciphers) for raw, fields, part in parsed]

    async def ciphers(self, subjects: Collection[str], connection: Connection | None = None) -> Ciphers:
        """What encrypts for these subjects; keys of our own are made where there are none.

        Raises KeyAwaited, and KeyMissing for a key that has not come for a minute.
        """
        found = await self.find(subjects, connection)
        unknown = set(subjects) - found.keys()
        self._refuse_unknown({subject for subject in unknown if not self.is_own(subject)})
        new = {subject: os.urandom(personal.KEY) for subject in unknown}
        made = {subject: self.sealer.sealed(PURPOSE, key, subject) for subject, key in new.items()}
        return Ciphers({**found, **{subject: AESGCM(key) for subject, key in new.items()}}, made)

    async def find(self, subjects: Collection[str], connection: Connection | None = None) -> dict[str, AESGCM | None]:
        """What encrypts and decrypts for those of these subjects that are known; None for who is erased."""
        found = {subject: self._held[subject] for subject in subjects if subject in self._held}
        if len(found) == len(subjects):
            return found
        if len(self._held) > HELD:
            self._held.clear()
        asked = [subject for subject in subjects if subject not in found]
        for subject, wrapped, settled in await (connection or self.pool).fetch(_FIND, asked):
            found[subject] = cipher = None if wrapped is None else self._unwrapped(subject, wrapped)
            self.missing.pop(subject, None)
            if settled:  # What this transaction has written itself may be rolled back.
                self._held[subject] = cipher
        return found

    async def wait_for(self, subjects: Collection[str], patience: float | None = None) -> None:
        """Returns once all of them are known. Raises KeyAwaited when they do not come in a few seconds."""
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        while True:
            seen = self.arrived.count
            unknown = set(subjects) - (await self.find(subjects)).keys()
            if not unknown:
                return
            self._miss(unknown)
            if (left := deadline - time.monotonic()) <= 0:
                raise KeyAwaited(unknown)
            await self.arrived.wait(seen, min(left, 0.2))

    async def still_miss(self, subjects: Collection[str]) -> bool:
        """Whether one of these is not known yet; who is known by now is missing no longer."""
        known = [row["subject"] for row in await self.pool.fetch(_KNOWN, list(subjects))]
        for subject in known:
            self.missing.pop(subject, None)
        return len(known) < len(subjects)

    async def keep(self, connection: Connection, made: Mapping[str, bytes]) -> bool:
        """Keeps new keys in the transaction of the first events that need them; False if others were faster."""
        status = await connection.execute(_MAKE, list(made), list(made.values()))
        return status == f"INSERT 0 {len(made)}"

    async def learn(self, connection: Connection, wrapped: Iterable[tuple[str, bytes]]) -> None:
        """Keeps keys that another service has told, but those that nobody of ours has wrapped."""
        genuine = {
            subject: self.sealer.resealed(PURPOSE, key, subject) or key
            for subject, key in wrapped
            if self.sealer.opened(PURPOSE, key, subject)
        }
        await connection.execute(_LEARN, list(genuine), list(genuine.values()))
        await connection.execute(_RETRY, list(genuine))

    async def erased_at(self, subject: str) -> datetime | None:
        """Since when the subject is erased; None if it is not."""
        found: datetime | None = await self.pool.fetchval(
            "select erased_at from erased_subjects where subject = $1", subject
        )
        return found

    @property
    def looked(self) -> tuple[datetime | None, timedelta]:
        """When it was asked last who was erased, and for how long before that it is asked again."""
        return self._looked, LOOK_BACK

    async def forget_erased(self) -> None:
        """Nothing of those whom another process has erased since the last look is kept at hand any more."""
        ((self._looked, erased),) = await self.pool.fetch(_ERASED, *self.looked)
        self._held.update(dict.fromkeys(erased))

    async def check(self) -> None:
        """Raises KeyMissing if the store has keys and none of the first ones opens: the master key is another."""
        rows = await self.pool.fetch(_FIRST_KEYS)
        opened = (self.sealer.opened(PURPOSE, row["wrapped"], row["subject"]) for row in rows)
        if rows and all(key is None for key in opened):
            raise KeyMissing("the keys of what is personal here were wrapped under another master key")

    async def wrap_anew(self) -> Resealed:
        """Wraps the keys that are wrapped under the master key of before, and has them told again."""
        count, after = Resealed(), ""
        while rows := await self.pool.fetch(_NEXT_KEYS, after):
            after = rows[-1]["subject"]
            resealed = {row["subject"]: self.sealer.resealed(PURPOSE, row["wrapped"], row["subject"]) for row in rows}
            new = {subject: wrapped for subject, wrapped in resealed.items() if wrapped is not None}
            await self.pool.execute(_WRAP_ANEW, list(new), list(new.values()), sorted(self.own))
            opened = (self.sealer.opened(PURPOSE, row["wrapped"], row["subject"]) for row in rows)
            count += Resealed(len(new), sum(key is None for key in opened))
        return count

    def forget(self, subjects: Iterable[str]) -> None:
        """Nothing of these is kept at hand any more."""
        for subject in subjects:
            self._held.pop(subject, None)

    def _unwrapped(self, subject: str, wrapped: bytes) -> AESGCM:
        key = self.sealer.opened(PURPOSE, wrapped, subject)
        if key is None:
            raise KeyMissing(f"the key of {subject} was wrapped under another master key")
        return AESGCM(key)

    def _refuse_unknown(self, unknown: Collection[str]) -> None:
        if not unknown:
            return
        if time.monotonic() - self._miss(unknown) > MISSING:
            raise KeyMissing(f"the key of {', '.join(sorted(unknown))} has not come")
        raise KeyAwaited(unknown)

    def _miss(self, unknown: Collection[str]) -> float:
        """Notes them as missing; returns since when the first of them is."""
        now = time.monotonic()
        return min(self.missing.setdefault(subject, now) for subject in unknown)


def _parted(codec: Codec, raw: Raw) -> tuple[dict[str, Any] | None, str | None]:
    """The fields and the personal part; no fields for what has nothing personal and is decoded as it is."""
    if not codec.is_personal(raw.type):
        return None, None
    try:
        fields = orjson.loads(raw.data)
        part = fields.pop(PART, None)
    except (ValueError, AttributeError):
        raise CannotDecode(f"{raw.type} version {raw.schema_version}: not JSON") from None
    return fields, part if isinstance(part, str) else None


def _decoded(
    codec: Codec, raw: Raw, fields: dict[str, Any] | None, part: str | None, ciphers: Mapping[str, AESGCM | None]
) -> Recorded[Any]:
    if fields is None:
        return codec.decode(raw)
    if part is None:
        return codec.decode_fields(raw, fields)
    subject = personal.subject_in(part)
    cipher = ciphers[subject]
    if cipher is None:
        return codec.decode_fields(raw, fields, erased=True)
    try:
        fields |= personal.opened(part, personal.Of(raw.id, raw.type, subject), cipher)
    except ValueError as error:
        raise CannotDecode(f"{raw.type} version {raw.schema_version}: {error}") from None
    return codec.decode_fields(raw, fields)
