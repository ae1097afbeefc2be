"""Sitemaps (sitemaps.org 0.9): files of addresses, each with those of its translations, and the index of such files."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import Response

from shared.web.canonical import alternates, in_language
from shared.web.language import LANGUAGES

MOST: Final = 50_000
"""URLs of a file that search engines read."""

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML: Final = "http://www.w3.org/1999/xhtml"


class Address(NamedTuple):
    """A page. changed: ISO 8601, or nothing where that is not known."""

    address: str
    changed: str = ""


def urlset(pages: Iterable[Address]) -> Response:
    """A file; each page takes a URL a language."""
    lines = (line for page in pages for line in _of(page))
    return _answer("urlset", f'xmlns="{_SITEMAP}" xmlns:xhtml="{_XHTML}"', lines)


def index(files: Iterable[str]) -> Response:
    """The index, of the files' addresses."""
    lines = (f"<sitemap><loc>{escape(each)}</loc></sitemap>" for each in files)
    return _answer("sitemapindex", f'xmlns="{_SITEMAP}"', lines)


def _of(page: Address) -> Iterator[str]:
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href={quoteattr(address)}/>'
        for language, address in alternates(page.address).items()
    )
    changed = f"<lastmod>{escape(page.changed)}</lastmod>" if page.changed else ""
    for language in LANGUAGES:
        yield f"<url><loc>{escape(in_language(page.address, language))}</loc>{changed}{links}</url>"


def _answer(root: str, names: str, lines: Iterable[str]) -> Response:
    body = "\n".join((f"{_HEAD}<{root} {names}>", *lines, f"</{root}>\n"))
    return Response(body, media_type="application/xml")
