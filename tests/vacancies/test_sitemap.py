"""The sitemap of job openings: those that are open, each once, file by file; and what a notice tells of itself."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest

from services.vacancies.use_cases.searching import how_many_open, open_ones
from tests.platform import ORIGIN, Kit
from tests.vacancies.doors import API, publish

LOC = ".//{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
LASTMOD = ".//{http://www.sitemaps.org/schemas/sitemap/0.9}lastmod"


def read_as_xml(answer: httpx.Response) -> ET.Element:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    return ET.fromstring(answer.content)  # noqa: S314 - our own


async def listed(platform: Kit) -> set[str]:
    """The addresses of all files that the index names."""
    visitor = platform.visitor()
    answer = await visitor.get("/sitemap.xml")
    files = [str(each.text) for each in read_as_xml(answer).findall(LOC)]
    assert files[0] == f"{ORIGIN}/sitemap-pages.xml"
    found: set[str] = set()
    for number, file in enumerate(files[1:], 1):
        assert file == f"{ORIGIN}/vacancies/sitemap-{number}.xml"
        read = read_as_xml(await visitor.get(file))
        assert len(read.findall(LOC)) == len(read.findall(LASTMOD))
        found |= {str(each.text) for each in read.findall(LOC)}
    return found


async def test_an_open_opening_is_listed_in_each_language_until_it_is_cancelled(platform: Kit) -> None:
    _, vacancy, hr = await publish(platform)
    address = f"{ORIGIN}/vacancies/{vacancy['id']}"
    assert {address, f"{address}?lang=fr"} <= await listed(platform)
    cancelled = await hr.api("PUT", f"{API}/{vacancy['id']}/cancellation", json={"reason": "No funds"})
    assert cancelled.status_code == 200, cancelled.text
    await platform.settled()
    assert not {address, f"{address}?lang=fr"} & await listed(platform)


async def test_page_by_page_each_open_one_comes_once(platform: Kit) -> None:
    for _ in range(3):
        await publish(platform)
    await platform.settled()
    kernel, now = platform.service("vacancies").kernel, datetime.now(UTC)
    found = await how_many_open(kernel, now)
    keys: list[str] = []
    for page in range(1, found // 2 + 2):
        rows = await open_ones(kernel, now, page, 2)
        assert len(rows) <= 2
        keys += [key for key, _ in rows]
    assert len(keys) == len(set(keys)) == found >= 3
    assert keys == sorted(keys)


@pytest.mark.parametrize("number", ["0", "99999", "1000000", "x", "-1", "1.5"])
async def test_a_file_that_is_not_there_is_not_found(platform: Kit, number: str) -> None:
    assert (await platform.visitor().get(f"/vacancies/sitemap-{number}.xml")).status_code == 404


async def test_a_notice_can_be_shared_by_its_address_and_describes_itself(platform: Kit) -> None:
    notice, vacancy, _ = await publish(platform, title="Economist & R+D “100 %”")
    page = (await platform.visitor("fr").get(f"/vacancies/{vacancy['id']}")).text
    address = f"{ORIGIN}/vacancies/{vacancy['id']}"
    assert f'<input class="govuk-input" id="address" type="text" value="{address}" readonly>' in page
    mailed = re.search(r'href="(mailto:[^"]*)"', page)
    described = re.search(r'<meta name="description" content="([^"]*)">', page)
    assert mailed
    assert described
    sent = parse_qs(urlsplit(unescape(mailed[1]).replace("+", "%2B")).query)
    summary = unescape(described[1])
    assert sent == {"subject": [notice["title"]], "body": [f"{summary}\r\n\r\n{address}"]}
    for each in (notice["job_opening_number"], "P-3", "Nairobi"):
        assert each in summary
    assert f'<link rel="canonical" href="{address}?lang=fr">' in page
