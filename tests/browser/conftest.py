"""Fixtures: the platform listening on a port, one Chromium for all tests of a worker, and the gallery of all pages."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser import chromium
from tests.browser.gallery import Gallery, opened
from tests.platform import Kit

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
async def address(platform: Kit) -> AsyncIterator[str]:
    async with chromium.listening(platform.host) as found:
        yield found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.browser() as started:
        yield started


@pytest.fixture(scope="session")
async def gallery(platform: Kit, browser: Browser) -> AsyncIterator[Gallery]:
    async with opened(platform, browser) as found:
        yield found
