"""The stores of two services: `store` publishes, `other` listens."""

from collections.abc import AsyncIterator

import pytest

from shared.store.event_store import Store
from tests.shared.keys import keys_of
from tests.shared.things import open_store


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    async with open_store(database, 16) as store:
        yield store


@pytest.fixture
async def other(second_database: str) -> AsyncIterator[Store]:
    async with open_store(second_database, source="listener") as store:
        yield store


@pytest.fixture
async def foreign(other: Store) -> Store:
    """The store of a service that listens, and whose subjects' keys are made by others."""
    other.keys = keys_of(other.pool)
    return other
