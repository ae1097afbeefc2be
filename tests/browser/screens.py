"""Pictures of every page in every language and both widths, in build/screens/; axe looks at each of them too."""

from pathlib import Path
from typing import Final

import pytest

from shared.vocabulary.official import OFFICIAL
from tests.browser.barriers import NARROW, WIDE, is_as_it_should_be, no_barrier
from tests.browser.gallery import Gallery
from tests.browser.page_states import PAGE_STATES, PageState

FOLDER: Final = Path(__file__).parents[2] / "build" / "screens"
WIDTHS: Final = (WIDE, NARROW)


@pytest.mark.parametrize("language", OFFICIAL)
@pytest.mark.parametrize("page_state", PAGE_STATES, ids=lambda page_state: f"{page_state.name}-{page_state.state}")
async def test_screens(page_state: PageState, language: str, gallery: Gallery) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with gallery.show(page_state, language) as seen:
        page = seen.page
        await is_as_it_should_be(seen, page_state, language)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            name = f"{page_state.name}-{page_state.state}-{language}-{width}.png"
            await page.screenshot(path=FOLDER / name, full_page=True)
            await no_barrier(page, width)
