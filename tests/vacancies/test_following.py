"""Feeds, calendar files and JobPostings through the doors."""

import json
import re
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.platform import Kit
from tests.vacancies.doors import API, UNKNOWN, body, day, publish, word

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def parsed(feed: httpx.Response) -> ET.Element:
    return ET.fromstring(feed.content)  # noqa: S314 - our own


def posting(page: httpx.Response) -> dict[str, Any]:
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    read: dict[str, Any] = json.loads(found)
    return read


async def test_an_open_vacancy_carries_its_posting_and_a_closed_one_none(platform: Kit) -> None:
    notice, vacancy, hr = await publish(platform, title="Cartographer </script><b> of the deep")
    page = await hr.get(f"/vacancies/{vacancy['id']}")
    read = posting(page)
    assert read["title"] == notice["title"]
    assert read["description"] == "<p>Draws <b>maps</b> of remote places.</p>"
    assert read["url"] == f"https://careers.test/vacancies/{vacancy['id']}"
    await hr.api("PUT", f"{API}/{vacancy['id']}/cancellation", json={"reason": "No funds."})
    assert "ld+json" not in (await hr.get(f"/vacancies/{vacancy['id']}")).text


@pytest.mark.rule("R45")
async def test_the_page_offers_the_deadline_as_a_calendar_file(platform: Kit) -> None:
    _, vacancy, _ = await publish(platform)
    visitor = platform.visitor("fr")
    page = await visitor.get(f"/vacancies/{vacancy['id']}")
    assert "Ajouter l’échéance à votre agenda" in page.text
    file = await visitor.get(f"/vacancies/{vacancy['id']}.ics")
    assert file.headers["content-type"] == "text/calendar; charset=utf-8"
    assert file.headers["content-disposition"] == f'attachment; filename="deadline-{vacancy["id"]}.ics"'
    stamp = re.sub(r"[-:]|\.\d+", "", vacancy["closes_at"])
    assert f"\r\nDTSTART:{stamp}\r\n" in file.text
    assert (await visitor.get(f"/vacancies/{UNKNOWN}.ics")).status_code == 404
    assert (await visitor.get("/vacancies/nothing.ics")).status_code == 404


@pytest.mark.rule("R32")
async def test_a_search_can_be_followed_as_atom(platform: Kit) -> None:
    notice, vacancy, _ = await publish(platform, title="Cartographer \ufffeof <i>& the \U0001f600 zone9001")
    await publish(platform)
    visitor = platform.visitor("fr")
    search = await visitor.get("/vacancies", params={"keywords": "zone9001", "levels": "P-3"})
    link = re.search(r'<link rel="alternate" type="application/atom\+xml"[^>]*href="([^"]*)"', search.text)
    assert link
    feed = await visitor.get(unescape(link[1]))
    assert feed.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = parsed(feed)
    [entry] = root.findall("a:entry", ATOM)
    assert entry.findtext("a:title", "", ATOM) == notice["title"].replace("\ufffe", "")
    assert entry.findtext("a:id", "", ATOM) == f"urn:uuid:{vacancy['id']}"
    assert entry.find("a:link", ATOM).attrib["href"] == f"https://careers.test/vacancies/{vacancy['id']}"  # type: ignore[union-attr]
    assert "heure de New York" in entry.findtext("a:summary", "", ATOM)
    assert root.findtext("a:updated", "", ATOM) == entry.findtext("a:updated", "", ATOM)
    own = {each.attrib["rel"]: each.attrib["href"] for each in root.findall("a:link", ATOM)}
    assert own["alternate"] == "https://careers.test/vacancies?keywords=zone9001&levels=P-3&lang=fr"
    assert (await visitor.get(own["self"])).content == feed.content


async def test_a_search_can_be_followed_as_rss(platform: Kit) -> None:
    notice, vacancy, _ = await publish(platform)
    answer = await platform.visitor().get("/vacancies/feed.rss", params={"keywords": word(notice)})
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    [item] = parsed(answer).findall("channel/item")
    assert item.findtext("title") == notice["title"]
    assert item.findtext("link") == f"https://careers.test/vacancies/{vacancy['id']}"
    assert str(item.findtext("pubDate")).endswith(" GMT")


async def test_a_feed_is_sent_again_only_when_something_happened(platform: Kit) -> None:
    notice, vacancy, hr = await publish(platform)
    address = f"/vacancies/feed.atom?keywords={word(notice)}"
    visitor = platform.visitor()
    first = await visitor.get(address)
    known = {"if-none-match": first.headers["etag"]}
    again = await visitor.get(address, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    await hr.api("PUT", f"{API}/{vacancy['id']}/deadline", json={"closes_on": day(60)})
    await platform.settled()
    changed = await visitor.get(address, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_feed_of_nothing_is_a_feed(platform: Kit) -> None:
    answer = await platform.visitor().get("/vacancies/feed.atom", params={"keywords": "nowhere9002"})
    root = parsed(answer)
    assert root.findall("a:entry", ATOM) == []
    assert root.findtext("a:updated", "", ATOM).endswith("T00:00:00Z")


@pytest.mark.rule("R51")
async def test_a_galaxy_notice_says_in_the_feed_that_it_is_only_for_information(platform: Kit) -> None:
    hr, notice = await platform.machine("hr"), body(questions=[])
    assert (await hr.api("POST", "/vacancies/api/galaxy-notices", json=notice)).status_code == 201
    answer = await hr.get("/vacancies/feed.atom", params={"keywords": word(notice)})
    assert "Galaxy, for information" in answer.text


@pytest.mark.parametrize("query", ["levels=P-99", "posted_since=soon", f"keywords={'x' * 201}", "levels=" + "x" * 5000])
async def test_a_feed_of_what_is_no_search_is_refused_in_words(platform: Kit, query: str) -> None:
    answer = await platform.visitor("fr").get(f"/vacancies/feed.atom?{query}")
    assert answer.status_code == 422
    assert '<html lang="fr"' in answer.text


@pytest.mark.parametrize("query", ["&".join(["levels=P-3"] * 300), "page=999999999999", "keywords=%ff%fe", "sort=%00x"])
async def test_no_address_of_a_search_is_a_fault(platform: Kit, query: str) -> None:
    for path in ("/vacancies", "/vacancies/feed.atom", "/vacancies/feed.rss"):
        assert (await platform.visitor().get(f"{path}?{query}")).status_code in (200, 422)
