"""A search as a feed, Atom (RFC 4287) or RSS 2.0: its newest vacancies, under the same criteria as its page."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Response

from services.vacancies.events import in_language
from services.vacancies.pages import feeds
from services.vacancies.pages.searching import asked_of, criteria_of
from services.vacancies.pages.words import summary
from services.vacancies.projections.query import Search
from services.vacancies.use_cases import searching
from shared.model.errors import N_, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.search import Criteria
from shared.web import Page, PageContext, pages_router

router = pages_router()

LENGTH: Final = 50


@router.get("/vacancies/feed.atom")
async def atom(page: Page, kernel: KernelDep) -> Response:
    return _answer(page, feeds.atom(await _feed(page, kernel)), "application/atom+xml")


@router.get("/vacancies/feed.rss")
async def rss(page: Page, kernel: KernelDep) -> Response:
    return _answer(page, feeds.rss(await _feed(page, kernel)), "application/rss+xml")


async def _feed(page: PageContext, kernel: Kernel) -> feeds.Feed:
    values, problems = asked_of(page)
    refuse_if(problems)
    criteria, now = criteria_of(values), await kernel.now()
    found = (await searching.page(kernel, Search(criteria, now, size=LENGTH))).vacancies
    site = kernel.settings.public_url
    items = tuple(_item(in_language(vacancy, page.language), site, page) for vacancy in found)
    query = urlencode([*criteria.items(), ("lang", page.language)])
    return feeds.Feed(
        title=_title(criteria, page),
        language=page.language,
        address=f"{site}{page.request.url.path}?{query}",
        page=f"{site}/vacancies?{query}",
        updated=max((item.updated for item in items), default=now.strftime("%Y-%m-%dT00:00:00Z")),
        items=items,
    )


def _title(criteria: Criteria, page: PageContext) -> str:
    return f"Postulo – {page._(N_('Advanced search'))}" + (f" – {criteria.keywords}" if criteria.keywords else "")


def _item(vacancy: Mapping[str, Any], site: str, page: PageContext) -> feeds.Item:
    return feeds.Item(
        id=f"urn:uuid:{vacancy['id']}",
        title=vacancy["title"],
        language=vacancy["language"],
        address=f"{site}/vacancies/{vacancy['id']}",
        published=vacancy["opens_at"],
        updated=vacancy.get("updated_at") or vacancy["opens_at"],
        summary=summary(vacancy, page.texts),
        categories=(vacancy["category"], vacancy["level"]),
    )


def _answer(page: PageContext, content: bytes, kind: str) -> Response:
    """Not sent again to a reader that has it already."""
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, "vary": "accept-language, cookie"}
    if tag in page.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=f"{kind}; charset=utf-8")
