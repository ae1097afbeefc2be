"""Pictures of every page in both languages and both widths, in build/screens/; axe looks at each of them too."""

from pathlib import Path
from typing import Final

import pytest

from tests.browser.barriers import NARROW, WIDE, is_as_it_should_be, no_barrier
from tests.browser.gallery import Gallery
from tests.browser.sights import SIGHTS, Sight

FOLDER: Final = Path(__file__).parents[2] / "build" / "screens"
WIDTHS: Final = (WIDE, NARROW)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: f"{sight.name}-{sight.state}")
async def test_screens(sight: Sight, language: str, gallery: Gallery) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with gallery.show(sight, language) as seen:
        page = seen.page
        await is_as_it_should_be(seen, sight, language)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            name = f"{sight.name}-{sight.state}-{language}-{width}.png"
            await page.screenshot(path=FOLDER / name, full_page=True)
            await no_barrier(page, width)
