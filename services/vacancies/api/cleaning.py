"""The HTML of a notice, reduced to what a notice needs (nothing that runs, loads or looks like our own page)."""

import re
from typing import Final

import nh3

TAGS: Final = frozenset(
    {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "u", "sub", "sup", "h3", "h4", "h5", "blockquote", "a"}
    | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES: Final = {"a": {"href", "title"}, "th": {"scope", "colspan", "rowspan"}, "td": {"colspan", "rowspan"}}

_LARGER_HEADING = re.compile(r"<(/?)h[12]\b", re.IGNORECASE)


def clean(html: str) -> str:
    """Cleaned HTML; headings start below the page's own."""
    lowered = _LARGER_HEADING.sub(r"<\1h3", html)
    return nh3.clean(
        lowered,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes={"https", "http", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    ).strip()
