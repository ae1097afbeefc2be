"""Fixtures: the house listening on a port, and one Chromium for all tests of a worker."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser import chromium
from tests.house import Kit

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
async def address(house: Kit) -> AsyncIterator[str]:
    async with chromium.listening(house.house) as found:
        yield found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.browser() as started:
        yield started
