"""Fixtures: the house listening on a port, one Chromium for all tests of a worker, and the gallery of all pages."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser import chromium
from tests.browser.gallery import Gallery, opened
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


@pytest.fixture(scope="session")
async def gallery(house: Kit, browser: Browser) -> AsyncIterator[Gallery]:
    async with opened(house, browser) as found:
        yield found
