"""A list of vacancies as Atom and as RSS: plain XML, whatever stands in a title."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"

_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Item(NamedTuple):
    """A vacancy. Times are ISO 8601, UTC; `language` is the notice's own."""

    id: str
    title: str
    language: str
    address: str
    published: str
    updated: str
    summary: str
    categories: tuple[str, ...]


class Feed(NamedTuple):
    """A search. `address` is the feed's own, `page` the one that people read."""

    title: str
    language: str
    address: str
    page: str
    updated: str
    items: tuple[Item, ...]


def atom(feed: Feed) -> bytes:
    """RFC 4287."""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    _add(root, "title", feed.title)
    _add(root, "id", feed.address)
    _add(root, "updated", feed.updated)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(_add(root, "author"), "name", "Postulo")
    for item in feed.items:
        entry = _add(root, "entry")
        _add(entry, "title", item.title, **{"xml:lang": item.language})
        _add(entry, "id", item.id)
        _add(entry, "link", rel="alternate", type="text/html", href=item.address)
        _add(entry, "published", item.published)
        _add(entry, "updated", item.updated)
        _add(entry, "summary", item.summary)
        for category in item.categories:
            _add(entry, "category", term=category)
    return _written(root)


def rss(feed: Feed) -> bytes:
    """RSS 2.0, with the link to itself that the RSS Advisory Board recommends."""
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = _add(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.page)
    _add(channel, "description", feed.title)
    _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", _mailed(feed.updated))
    _add(channel, "atom:link", rel="self", type="application/rss+xml", href=feed.address)
    for item in feed.items:
        entry = _add(channel, "item")
        _add(entry, "title", item.title)
        _add(entry, "link", item.address)
        _add(entry, "guid", item.id, isPermaLink="false")
        _add(entry, "pubDate", _mailed(item.published))
        _add(entry, "description", item.summary)
        for category in item.categories:
            _add(entry, "category", category)
    return _written(root)


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, _clean(attributes))
    element.text = _UNSPEAKABLE.sub("", text) or None
    return element


def _clean(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name: _UNSPEAKABLE.sub("", value) for name, value in attributes.items()}


def _written(root: ET.Element) -> bytes:
    ET.indent(root)
    written: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return written


def _mailed(moment: str) -> str:
    """RFC 822, as RSS wants it."""
    return format_datetime(datetime.fromisoformat(moment), usegmt=True)
