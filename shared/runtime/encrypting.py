"""Encrypting what was recorded before subjects had keys; until that is done, it is read as it stands."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from shared.kafka.relay import republish
from shared.kafka.topics import delete_before, ends_of
from shared.model.message import OWN, START, Event, Recorded, key_needed, personal_fields, subject_of
from shared.ops.settings import Settings
from shared.runtime.kernel import Kernel
from shared.store import personal
from shared.store.appending import WrongVersion
from shared.store.codec import Codec, Raw, raw_of
from shared.store.event_store import COLUMNS
from shared.store.keys import Ciphers

BATCH: Final = 500
PATIENCE: Final = 60.0
"""Seconds for which a key that another service makes is waited for."""

_CLEAR: Final = f"""select {COLUMNS} from events where (transaction, position) > ($1, $2) and type = any($3)
    and not data ? 'personal' order by transaction, position limit {BATCH}"""  # noqa: S608 - of our own constants
_REWRITE: Final = """update events set data = new.data, schema_version = new.schema_version
    from unnest($1::uuid[], $2::jsonb[], $3::smallint[]) as new (id, data, schema_version)
    where events.id = new.id and not events.data ? 'personal'"""
_PARKED: Final = f"select {COLUMNS}, source, handler from parked where not data ? 'personal'"  # noqa: S608 - of our own constants
_REWRITE_PARKED: Final = "update parked set data = $3, schema_version = $4 where handler = $1 and id = $2"
_OF_BEFORE: Final = """select distinct stream from events where type = any($1) and split_part(stream, '-', 1) = any($2)
    and not exists (select from subject_keys) and not exists (select from erased_subjects)"""


async def make_first_keys(kernel: Kernel) -> int:
    """Keys for the subjects of a store from before there were keys, so that the other services need not wait."""
    own = [event.__name__ for event in kernel.service.own_events if event.whose == OWN]
    if not own or not kernel.keys.own:
        return 0
    rows = await kernel.pool.fetch(_OF_BEFORE, own, sorted(kernel.keys.own))
    if rows:
        made = (await kernel.keys.ciphers([row["stream"] for row in rows])).made
        async with kernel.pool.acquire() as connection, connection.transaction():
            await kernel.keys.keep(connection, made)
    return len(rows)


async def encrypt_store(kernel: Kernel, progress: Callable[[int], None]) -> int:
    """Encrypts the events of the store in which something personal stands in clear; returns how many.

    It may be broken off at any moment: what is done is done, and the next run goes on. Raises KeyAwaited where another
    service has not told a key, and CannotDecode.
    """
    types = [each.__name__ for each in kernel.service.own_events if personal_fields(each)]
    after, count = START, 0
    while rows := await kernel.pool.fetch(_CLEAR, *after, types):
        raws = [raw_of(row, kernel.service.name) for row in rows]
        try:
            count += await _rewrite(kernel, _in_clear(kernel.store.codec, raws))
        except WrongVersion:
            continue
        after = raws[-1].position
        progress(len(raws))
    return count


async def _rewrite(kernel: Kernel, events: Sequence[Recorded[Any]]) -> int:
    """Raises WrongVersion where somebody else made a key of the same subject at the same moment."""
    ciphers = await _ciphers(kernel, events)
    async with kernel.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            _REWRITE, [event.id for event in events], [_encrypted(event, ciphers) for event in events],
            [event.data.schema_version for event in events],
        )  # fmt: skip
        if ciphers.made and not await kernel.keys.keep(connection, ciphers.made):
            raise WrongVersion("the key of a subject")
    return len(events)


async def encrypt_parked(kernel: Kernel, foreign: Codec) -> int:
    """The same for events that wait because their handler failed; returns how many."""
    rows = await kernel.pool.fetch(_PARKED)
    count = 0
    for row in rows:
        own = row["source"] == kernel.service.name
        for event in _in_clear(kernel.store.codec if own else foreign, [raw_of(row, row["source"])]):
            data = _encrypted(event, await _ciphers(kernel, [event]))
            await kernel.pool.execute(_REWRITE_PARKED, row["handler"], event.id, data, event.data.schema_version)
            count += 1
    return count


async def publish_anew(kernel: Kernel, settings: Settings) -> None:
    """Has everything published again as it is stored now, and what stands before that on the topics deleted.

    settings: of Kafka's administrator. Raises KafkaError.
    """
    topics = kernel.service.published.topics(settings.topic_prefix)
    ends = await ends_of(settings, topics)
    await republish(kernel.store)
    await delete_before(settings, ends)


def _in_clear(codec: Codec, raws: Sequence[Raw]) -> list[Recorded[Any]]:
    """Those in which something personal is said, at the version of today."""
    known = [raw for raw in raws if codec.is_personal(raw.type)]
    events = [codec.decode_fields(raw, orjson.loads(raw.data)) for raw in known]
    return [event for event in events if key_needed(event.data, event.stream)]


async def _ciphers(kernel: Kernel, events: Sequence[Recorded[Any]]) -> Ciphers:
    """What encrypts for them; nothing for a subject whose key nobody makes, of which nothing is kept."""
    subjects = {subject_of(event.data, event.stream) for event in events}
    kinds = {kind for published in kernel.service.key_makers for kind in published.subjects}
    kept = {subject for subject in subjects if subject.partition("-")[0] in kinds}
    await kernel.keys.wait_for({subject for subject in kept if not kernel.keys.is_own(subject)}, PATIENCE)
    found = await kernel.keys.ciphers(kept)
    return found._replace(by_subject={**dict.fromkeys(subjects), **found.by_subject})


def _encrypted(event: Recorded[Any], ciphers: Ciphers) -> str:
    kind: type[Event] = type(event.data)
    subject = subject_of(event.data, event.stream)
    of = personal.Of(event.id, kind.__name__, subject)
    text, _ = personal.sealed(event.data, of, ciphers.by_subject[subject])
    return text
