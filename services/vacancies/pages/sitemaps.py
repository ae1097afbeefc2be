"""The sitemap: the index of the site's, and the job openings that are open now, file by file."""

from typing import Final

from fastapi import Response

from services.vacancies.use_cases import searching
from shared.model.errors import N_, NotFound
from shared.runtime.kernel import KernelDep
from shared.web import pages_router
from shared.web.language import LANGUAGES
from shared.web.sitemaps import MOST, Address, index, urlset

router = pages_router()

SITEMAP: Final = "/sitemap.xml"
SIZE: Final = min(10_000, MOST // len(LANGUAGES))
"""Job openings of a file: few enough for a process to hold at once, and for the URLs that a file may have."""


@router.get(SITEMAP)
async def sitemaps(kernel: KernelDep) -> Response:
    found = await searching.how_many_open(kernel, await kernel.now())
    site, files = kernel.settings.public_url, -(-found // SIZE)
    openings = (f"{site}/vacancies/sitemap-{number}.xml" for number in range(1, files + 1))
    return index([f"{site}/sitemap-pages.xml", *openings])


@router.get("/vacancies/sitemap-{number}.xml")
async def openings(number: str, kernel: KernelDep) -> Response:
    found = await searching.open_ones(kernel, await kernel.now(), _number(number), SIZE)
    if not found:
        raise NotFound.because(N_("There are not so many open job openings"))
    return urlset(Address(f"{kernel.settings.public_url}/vacancies/{key}", changed) for key, changed in found)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:6]) > 0 and len(text) < 6):
        raise NotFound.because(N_("There are not so many open job openings"))
    return int(text)
