"""Keys for stores that stand alone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from shared.model.message import START, Event, new_id
from shared.ops.sealing import Sealer
from shared.store.codec import Raw
from shared.store.database import Pool
from shared.store.erasing import erase
from shared.store.event_store import Store
from shared.store.keys import Keys

SEALER: Final = Sealer("the master key of the tests")


def keys_of(pool: Pool, *own: str) -> Keys:
    """The keys of a service that makes those of these categories."""
    return Keys(pool, SEALER, own)


def raw_of_event(event: Event, data: str | bytes, stream: str = "thing-1", source: str = "") -> Raw:
    """The event as it would be stored or carried with these data."""
    at, name, version = datetime(2026, 11, 23, tzinfo=UTC), type(event).__name__, type(event).schema_version
    return Raw(new_id(), stream, 1, name, version, data, new_id(), None, "", "", at, START, source)


async def erase_all(store: Store, erased: Mapping[str, datetime], *, told: bool = True) -> None:
    """As the kernel does it for a service that keeps nothing else."""
    async with store.pool.acquire() as connection, connection.transaction():
        for subject, at in erased.items():
            await erase(connection, subject, at, told=told)
    store.keys.forget(erased)
