"""Identity's tables alone, for what needs no door."""

from collections.abc import AsyncIterator

import pytest

from shared.store.database import Pool, migrate, migrations_of, open_pool


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """A database of the test's own with identity's tables."""
    await migrate(database, migrations_of("services.identity"))
    opened = await open_pool(database, 4, "test")
    yield opened
    await opened.close()
