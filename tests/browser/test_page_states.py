"""Forms as they come and as they are refused, in both languages: accessible, light, and nothing unusual about them.

axe looks at each in French on a phone and in English on a wide screen. `make screens` has it look at every page in
every state at both widths, which would take a test run too long.
"""

import re
from itertools import cycle
from typing import Final
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from services.careers.pages.helping import TITLES
from services.site import NAMES, service
from shared.http.responses import is_api
from tests.browser.barriers import NARROW, WIDE, fits, is_as_it_should_be, no_barrier, no_barrier_in_the_dark
from tests.browser.gallery import Gallery
from tests.browser.page_states import AT_EVERY_RUN, DARK, HELP, NO_PAGES, PAGE_STATES, PageState

WIDTHS: Final = {"fr": (WIDE, NARROW), "en": (NARROW, WIDE)}
"""By language: where the page only has to fit, and where axe looks at it."""
OTHERS: Final = ("ar", "zh", "ru", "es")
"""At every fifth page one of them has its turn; `make screens` looks at all."""
ANY_ID: Final = "0191d2d4-0000-7000-8000-000000000001"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("page_state", AT_EVERY_RUN, ids=lambda page_state: f"{page_state.name}-{page_state.state}")
async def test_a_page_is_accessible_light_and_our_own(page_state: PageState, language: str, gallery: Gallery) -> None:
    async with gallery.show(page_state, language) as seen:
        await fits(seen.page, WIDTHS[language][0])
        await no_barrier(seen.page, WIDTHS[language][1])
        if page_state.name in DARK and language == "en":
            await no_barrier_in_the_dark(seen.page)
        await is_as_it_should_be(seen, page_state, language)


@pytest.mark.parametrize(
    ("page_state", "language"),
    [pytest.param(each, language, id=f"{each.name}-{each.state}-{language}")
     for each, language in zip(AT_EVERY_RUN[::5], cycle(OTHERS), strict=False)],
)  # fmt: skip
async def test_a_page_is_whole_in_the_other_languages(page_state: PageState, language: str, gallery: Gallery) -> None:
    async with gallery.show(page_state, language) as seen:
        await fits(seen.page, NARROW)
        await no_barrier(seen.page, WIDE)
        await is_as_it_should_be(seen, page_state, language)


def test_no_page_is_forgotten() -> None:
    """Every route that a browser may open is among the page_states, or is known to answer with no page."""
    routes = [route for name in NAMES for router in service(name).routers for route in router.routes]
    gets = [each for each in routes if isinstance(each, APIRoute) and "GET" in (each.methods or ())]
    doors = [each for each in gets if not is_api(each.path)]
    seen = {_route(doors, page_state) for page_state in PAGE_STATES}
    assert {door.path for door in doors} - seen == NO_PAGES


def _route(doors: list[APIRoute], page_state: PageState) -> str:
    path = urlsplit(re.sub(r"^{(broken|resting|crowded)}", "", page_state.path)).path
    scope = {"type": "http", "method": "GET", "path": re.sub(r"{\w+}", ANY_ID, path)}
    return next(door.path for door in doors if door.matches(scope)[0] is Match.FULL)


def test_no_help_page_is_forgotten() -> None:
    assert set(HELP) == set(TITLES)


def test_every_page_state_has_a_name_of_its_own() -> None:
    assert len({(page_state.name, page_state.state) for page_state in PAGE_STATES}) == len(PAGE_STATES)
