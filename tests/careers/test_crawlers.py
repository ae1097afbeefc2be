"""What programs are told: robots.txt keeps them from what is somebody's own, and sitemaps lead to the rest."""

import re
from typing import Final
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest

from services.careers.pages.crawlers import PAGES
from shared.http.responses import is_api
from tests.platform import ORIGIN, Kit
from tests.system.access import ACCESS

URL: Final = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK: Final = "{http://www.w3.org/1999/xhtml}link"
READ: Final = ("/", "/help", "/help/manual", "/vacancies", "/vacancies/6f1d2a0e", "/identity/register", "/terms")
LANGUAGES: Final = ("?lang=ar", "?lang=zh", "", "?lang=fr", "?lang=ru", "?lang=es")


async def rules(platform: Kit) -> RobotFileParser:
    answer = await platform.visitor().get("/robots.txt")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.headers.get_list("set-cookie") == []
    read = RobotFileParser()
    read.parse(answer.text.splitlines())
    return read


async def test_what_is_somebody_s_own_is_kept_out_and_what_is_for_everybody_is_not(platform: Kit) -> None:
    read = await rules(platform)
    for operation, kind in ACCESS.items():
        method, path = operation.split(" ")
        if method == "GET" and (is_api(path) or kind != "public"):
            assert not read.can_fetch("*", path), operation
    for path in (*READ, *PAGES):
        assert read.can_fetch("*", path), path


async def test_it_names_the_sitemap(platform: Kit) -> None:
    assert (await rules(platform)).site_maps() == [f"{ORIGIN}/sitemap.xml"]


async def test_the_sitemap_of_pages_has_each_in_each_language(platform: Kit) -> None:
    answer = await platform.visitor().get("/sitemap-pages.xml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    urls = ET.fromstring(answer.content).findall(f"{URL}url")  # noqa: S314 - our own
    assert [url.findtext(f"{URL}loc") for url in urls] == [
        f"{ORIGIN}{path}{language}" for path in PAGES for language in LANGUAGES
    ]
    assert {link.get("hreflang"): link.get("href") for link in urls[8].findall(LINK)} == {
        "en": f"{ORIGIN}/help",
        "x-default": f"{ORIGIN}/help",
        **{code: f"{ORIGIN}/help?lang={code}" for code in ("ar", "zh", "fr", "ru", "es")},
    }


@pytest.mark.parametrize("path", PAGES)
async def test_each_of_them_is_there_and_describes_itself(platform: Kit, path: str) -> None:
    for language, locale, address in (("en", "en_GB", path), ("fr", "fr_FR", f"{path}?lang=fr")):
        page = await platform.visitor(language).get(path)
        told = dict(re.findall(r'<meta (?:name|property)="([^"]*)" content="([^"]*)">', page.text))
        assert page.status_code == 200
        assert "robots" not in told
        assert len(told["description"]) > 30
        assert told["og:description"] == told["description"]
        title = re.search(r"<title>(.*) – Postulo</title>", page.text)
        assert title
        assert told["og:title"] == title[1]
        assert told["og:type"] == "website"
        assert told["og:locale"] == locale
        assert told["og:url"] == f"{ORIGIN}{address}"
        assert f'<link rel="canonical" href="{ORIGIN}{address}">' in page.text


async def test_personal_pages_and_refusals_are_not_to_be_found(platform: Kit) -> None:
    anna = await platform.candidate()
    pages = [await anna.get(path) for path in ("/careers", "/profile", "/identity/account", "/applications/new")]
    pages += [await platform.visitor().get(path) for path in ("/nothing", "/identity/login", "/vacancies?keywords=x")]
    for page in pages:
        assert re.findall(r'<meta (?:name|property)="(robots|description|og:[\w:]*)"[^>]*>', page.text) == ["robots"]
        assert '<meta name="robots" content="noindex">' in page.text
        assert 'rel="canonical"' not in page.text
